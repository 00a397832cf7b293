import { MessagingError, openClient } from 'oslo-messaging-guest';

/** Gets the arguments of the command line; returns 0, or another number when it failed. */
export async function main([word = 'hello']: string[]): Promise<number> {
  const demo = openClient({ topic: 'demo', version: '1.5' }, { timeout: 10 });
  try {
    const echo = await demo.call<string>({}, 'echo', { value: word });
    console.log(`NAME: the server says ${echo}`);
    return 0;
  } catch (error) {
    if (error instanceof MessagingError) {
      console.error(`NAME: ${error.name}: ${error.message}`);
      return 1;
    }
    throw error;
  }
}
