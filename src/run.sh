#!/bin/sh
# Runs a program of this project for npm: on Node 24, in place of this shell so that npm's signals reach it, without a
# debugger at SIGUSR1, and until npm is gone. The arguments are those of Node.
node src/check-node.mjs || exit
PARENT_PID=$PPID exec node --disable-sigusr1 "$@"
