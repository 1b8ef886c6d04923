/** What the stand-in's tiers do, chosen by a word in the request. A step is an event, a pause in ms, or a gate that a test opens. */

export const NORD = `# Nord
> Coffee from the north, roasted in the yard behind the counter.
## Menu
- **Espresso**: 2.50 €
- **Flat white**: 3.80 €
- **Filter of the day**: 3.20 €
- **Cinnamon bun**: 3.40 €
## Opening hours
- **Monday to Friday**: 7:30 to 18:00
- **Saturday and Sunday**: 9:00 to 17:00
## About us
We roast on Tuesdays, in small batches, and the yard smells of it until Thursday. Come in, sit down, stay as long as you like.
## Contact
- **Phone**: 040 123456
- **Address**: Hafenstraße 12
[See the menu]
`;

const tier = (number, name, state, reason = null, ms = null) => ({ event: 'tier', tier: number, name, state, reason, ms });
const FIRST = 'Tier 1: On this machine';
const THIRD = 'Tier 3: Groq Cloud API';

/** Words as a model says them: a few letters at a time. */
function tokens(text, pause) {
  return (text.match(/\s*\S{1,6}|\s+$/g) ?? []).flatMap((piece) => [{ token: piece }, { pause }]);
}

export function scriptFor(prompt, pause) {
  const half = NORD.indexOf('## About us');
  if (/fallback/.test(prompt)) {
    return {
      steps: [
        tier(1, FIRST, 'trying'),
        { pause },
        tier(1, FIRST, 'answering', null, 400),
        ...tokens(NORD.slice(0, half), pause),
        tier(1, FIRST, 'failed', 'timeout after 5000ms', 5400),
        tier(2, 'Tier 2: Ultra-Fast Fallback', 'skipped', 'its model writes no pages'),
        tier(3, THIRD, 'trying'),
        { gate: 'third' },
        tier(3, THIRD, 'answering', null, 300),
        ...tokens(NORD.slice(half), pause),
      ],
      by: { tier: 3, name: THIRD, cost_usd: 0.0002 },
    };
  }
  if (/makes much up/.test(prompt)) {
    const prices = [0, 1, 2, 3].map((line) => ({ spot: `s0.${line}.detail`, text: ['2.50 €', '3.80 €', '3.20 €', '3.40 €'][line], kind: 'price' }));
    const hours = [
      { spot: 's1.0.name', text: 'Monday to Friday', kind: 'day' },
      { spot: 's1.0.detail', text: '7:30 to 18:00', kind: 'time' },
      { spot: 's1.1.name', text: 'Saturday and Sunday', kind: 'day' },
      { spot: 's1.1.detail', text: '9:00 to 17:00', kind: 'time' },
    ];
    const phone = { spot: 's3.0.detail', text: '040 123456', kind: 'phone' };
    return { steps: tokens(NORD, pause), by: { tier: 1, name: FIRST, madeUp: [...prices, ...hours, phone] } };
  }
  if (/not sure/.test(prompt)) {
    const choices = [{ label: 'Delete “Menu”', prompt: 'delete "Menu"' }];
    const question = 'Nothing was changed yet. Is this what you mean?';
    return { steps: [{ event: 'choices', question, choices }, { event: 'error', code: 'asked_back', message: question }], by: { tier: 1, name: FIRST } };
  }
  if (/has no place/.test(prompt)) {
    return { steps: tokens(NORD, pause), by: { tier: 1, name: FIRST, missing: ['20 %', '1962'] } };
  }
  if (/every tier fails/.test(prompt)) {
    return {
      steps: [tier(1, FIRST, 'trying'), { pause }, tier(1, FIRST, 'failed', 'timeout after 5000ms', 5000), { event: 'error', code: 'all_tiers_failed', message: 'All LLM tiers failed. Your request is kept; try it again.' }],
      by: { tier: 1, name: FIRST },
    };
  }
  const said = tokens(NORD, pause);
  const gate = /slowly/.test(prompt) ? [{ gate: 'middle' }] : [];
  const middle = Math.floor(said.length / 2);
  return {
    steps: [tier(1, FIRST, 'trying'), { pause }, tier(1, FIRST, 'answering', null, 400), ...said.slice(0, middle), ...gate, ...said.slice(middle)],
    by: { tier: 1, name: FIRST, cost_usd: 0 },
  };
}
