//! The completion for bash.

use std::collections::BTreeMap;

use magma_command_line::table::{Command, Opt, Program, Value};

/// A script that defines `_magmad`.
pub fn completion(program: &Program) -> String {
    let name = program.name;
    let commands: Vec<&str> = program.commands.iter().map(|command| command.name).collect();
    let cases: String = program.commands.iter().map(|command| case(program, command)).collect();
    format!(
        "# Made by `cargo xtask completions` from the table of commands; change that, not this.\n\
         _{name}() {{\n\
         \x20   local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command= words= i\n\
         \x20   for ((i = 1; i < COMP_CWORD; i++)); do\n\
         \x20       case ${{COMP_WORDS[i]}} in\n\
         \x20           {alternatives}) command=${{COMP_WORDS[i]}}; break ;;\n\
         \x20       esac\n\
         \x20   done\n\
         \x20   case $previous in\n{values}\
         \x20   esac\n\
         \x20   case $command in\n{cases}\
         \x20       *) words='{list} help {options}' ;;\n\
         \x20   esac\n\
         \x20   COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n\
         }}\n\
         complete -o default -F _{name} {name}\n",
        alternatives = commands.join("|"),
        values = values(program),
        list = commands.join(" "),
        options = names(program.options).join(" "),
    )
}

/// What may follow an option that takes a value. An option means the same wherever it is.
fn values(program: &Program) -> String {
    let all = program.options.iter().chain(program.commands.iter().flat_map(|command| command.options));
    let kinds: BTreeMap<&str, (&Opt, Value)> =
        all.filter_map(|option| Some((option.name, (option, option.value?.1)))).collect();
    let line = |(name, (option, kind)): (&&str, &(&Opt, Value))| {
        let short = option.short.map(|letter| format!("|-{letter}")).unwrap_or_default();
        let what = match kind {
            Value::OneOf(words) => format!("-W '{}'", words.join(" ")),
            Value::Folder => "-d".to_owned(),
            Value::File => "-f".to_owned(),
            Value::Text | Value::Service | Value::Number(..) => "-W ''".to_owned(),
        };
        format!("        --{name}{short}) COMPREPLY=($(compgen {what} -- \"$current\")); return ;;\n")
    };
    kinds.iter().map(line).collect()
}

fn case(program: &Program, command: &Command) -> String {
    let mut words: Vec<String> = names(command.options);
    words.extend(names(program.options));
    for argument in command.arguments {
        if let Value::OneOf(possible) = argument.value {
            words.extend(possible.iter().map(|word| (*word).to_owned()));
        }
    }
    format!("        {}) words='{}' ;;\n", command.name, words.join(" "))
}

fn names(options: &[Opt]) -> Vec<String> {
    options.iter().map(|option| format!("--{}", option.name)).chain(["--help".to_owned()]).collect()
}
