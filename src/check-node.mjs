// Runs before every program, since it can be read by any version of Node; TypeScript and the database driver cannot.
const [major] = process.versions.node.split('.');
if (major !== '24') {
  process.stderr.write(
    `This needs Node 24, and this is Node ${process.versions.node}: run npm ci without --ignore-scripts, which brings it along, or install Node 24.\n`,
  );
  process.exitCode = 2;
}
