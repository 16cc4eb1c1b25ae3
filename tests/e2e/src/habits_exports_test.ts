import { describeHabits } from './describe_habits.ts';
import { EXPORT_HABITS } from './habits_exports.ts';

describeHabits(EXPORT_HABITS);
