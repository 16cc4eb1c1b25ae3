import { describeHabits } from './describe_habits.ts';
import { RUN_HABITS } from './habits_runs.ts';

describeHabits(RUN_HABITS);
