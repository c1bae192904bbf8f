import { render } from 'preact';
import { Frame } from './frame.tsx';
import { lockWhenIdle, startSession, watchExpiry } from './session.ts';

render(<Frame />, document.body);
lockWhenIdle();
watchExpiry();
void startSession();
