// Two simulated scanners in one process, which outlive a kill on disk. The environment says where.
import { startSimulator } from '@nmcp/simulator';

const { PORTS = '', SPEED, STATE } = process.env;
for (const port of PORTS.split(','))
  await startSimulator({
    port: Number(port),
    tls: false,
    speed: Number(SPEED),
    stateFile: `${STATE}-${port}.json`,
  });
console.log('scanners are there');
