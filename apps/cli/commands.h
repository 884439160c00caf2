// The program's commands, one file each. argv[0] is the command's name; they return an exit code.
#pragma once

namespace chord::cli {

int run(int argc, char** argv);
int info(int argc, char** argv);
int bench(int argc, char** argv);
int quantize(int argc, char** argv);
int synth(int argc, char** argv);
int tokenize(int argc, char** argv);
int embed(int argc, char** argv);
int logits(int argc, char** argv);
int perplexity(int argc, char** argv);

}  // namespace chord::cli
