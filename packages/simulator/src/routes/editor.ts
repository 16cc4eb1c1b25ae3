import { notFound, Refusal } from '../state/refusal.ts';
import { type AddRoutes, idOf } from './app.ts';

/** /editor */
export const addEditorRoutes: AddRoutes = (app, state) => {
  const input = (id: string, value: string): object => ({ type: 'entry', name: id, id, default: value });
  const form = (...inputs: object[]): object => ({
    title: 'Advanced Scan',
    name: 'advanced',
    settings: { basic: { inputs } },
  });
  app.get('/editor/:kind{scan|policy}/templates', (c) => c.json({ templates: state.templates }));
  app.get('/editor/:kind{scan|policy}/templates/:uuid', (c) => {
    const template = state.templates.find((candidate) => candidate.uuid === c.req.param('uuid'));
    if (!template) throw notFound();
    return c.json(template);
  });
  app.get('/editor/scan/:id', (c) => {
    const scan = state.scans.get(idOf(c));
    if (scan.imported) throw notFound(); // it has no settings
    if (scan.sharedBy !== undefined) throw new Refusal(403, 'You do not have permission to edit this scan');
    return c.json(
      form(
        input('name', scan.name),
        input('description', scan.description),
        input('text_targets', scan.targetText),
      ),
    );
  });
};
