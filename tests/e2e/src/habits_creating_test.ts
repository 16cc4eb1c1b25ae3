import { describeHabits } from './describe_habits.ts';
import { CREATE_HABITS } from './habits_creating.ts';

describeHabits(CREATE_HABITS);
