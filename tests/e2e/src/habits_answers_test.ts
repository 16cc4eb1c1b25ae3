import { describeHabits } from './describe_habits.ts';
import { ANSWER_HABITS } from './habits_answers.ts';

describeHabits(ANSWER_HABITS);
