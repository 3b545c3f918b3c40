export { type Duration, timerRule, toMilliseconds, toSeconds, upTo } from '../core/durations.ts'
export { isObject } from '../core/kind.ts'
export { checkMembers, members } from '../core/members.ts'
export { checkOptions, choiceRule, optionRules, type Rule, rejectOption, typeRule } from '../core/rules.ts'
