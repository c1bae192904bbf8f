import { render } from 'preact';
import { Frame } from './frame.tsx';
import { lockWhenIdle, startSession } from './session.ts';

render(<Frame />, document.body);
lockWhenIdle();
void startSession();
