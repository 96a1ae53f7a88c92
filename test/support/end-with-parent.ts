// Loaded before a program (node --import) whose standard input is a pipe from its parent: the pipe ends with the
// parent, however that ended, and then the program is asked to stop as a service manager would ask it.
import { kill, pid, stdin } from 'node:process'

let asked = false

function stop(): void {
  if (asked) return
  asked = true
  kill(pid, 'SIGTERM')
}

stdin.once('end', stop).once('close', stop).once('error', stop).resume()
