using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.ApplyDocuments;
using Gateway.ApplyDocuments.Import;

namespace Gateway.Cli.Commands;

/// <summary><c>gateway config</c>.</summary>
internal static class ConfigCommands
{
    public static Command Make(SharedOptions shared) => new("config", "The configuration: apply a document, compare, export, import, go back.")
    {
        Apply(shared, "apply", "Makes the configuration what a YAML or JSON document says. ${NAME} in it is replaced from the environment here.", alwaysDry: false),
        Apply(shared, "diff", "Tells what applying a document would change.", alwaysDry: true),
        Export(shared),
        Import(shared),
        History(shared),
        Rollback(shared),
    };

    private static Command Apply(SharedOptions shared, string name, string description, bool alwaysDry)
    {
        var file = new Option<FileInfo>("--file", "-f") { Description = "The document.", Required = true };
        var dry = new Option<bool>("--dry-run") { Description = "Change nothing; tell what would change." };
        var prune = new Option<bool>("--prune") { Description = "Delete what the document's owner applied before and it no longer names." };
        var take = new Option<bool>("--take-over") { Description = "Also change entries of other owners." };
        var command = new Command(name, description) { file, prune, take };
        if (!alwaysDry)
        {
            command.Options.Add(dry);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var text = Variables.Expand(await File.ReadAllTextAsync(parsed.GetValue(file)!.FullName, cancellation).ConfigureAwait(false), shared.Environment);
            var isDry = alwaysDry || parsed.GetValue(dry);
            var report = await client.SendAsync(
                HttpMethod.Post, $"/api/config/apply?dryRun={Flag(isDry)}&prune={Flag(parsed.GetValue(prune))}&takeOver={Flag(parsed.GetValue(take))}", text, "application/yaml", cancellation).ConfigureAwait(false);
            TellChanges(shared, parsed, report);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Export(SharedOptions shared)
    {
        var owner = new Option<string?>("--owner") { Description = "Only what this owner applied." };
        var to = new Option<FileInfo?>("--to") { Description = "File to write; else the output." };
        var command = new Command("export", "Prints the configuration as a document. It holds no secrets.") { owner, to };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var query = parsed.GetValue(owner) is { } named ? $"&owner={Uri.EscapeDataString(named)}" : "";
            var bytes = await client.BytesAsync(HttpMethod.Get, $"/api/config/export?format={(shared.IsJson(parsed) ? "json" : "yaml")}{query}", null, null, cancellation).ConfigureAwait(false);
            if (parsed.GetValue(to) is { } target)
            {
                await File.WriteAllBytesAsync(target.FullName, bytes, cancellation).ConfigureAwait(false);
            }
            else
            {
                await shared.Output.WriteAsync(System.Text.Encoding.UTF8.GetString(bytes)).ConfigureAwait(false);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Import(SharedOptions shared) => new("import", "Turns another gateway's file into a document to apply. Needs no running gateway.")
    {
        From(shared, "litellm", "A LiteLLM proxy's config.yaml.", LiteLlmImport.Read),
        From(shared, "bifrost", "Bifrost's config.json.", BifrostImport.Read),
    };

    private static Command From(SharedOptions shared, string name, string description, Func<JsonObject, ImportResult> read)
    {
        var file = new Argument<FileInfo>("file") { Description = description };
        var to = new Option<FileInfo?>("--to") { Description = "File for the document; else the output." };
        var command = new Command(name, description + " What cannot be carried over is told on the error output, each with its place and why.") { file, to };
        command.SetAction(async (parsed, cancellation) =>
        {
            var source = parsed.GetValue(file)!.FullName;
            var document = YamlDocument.Read(await File.ReadAllTextAsync(source, cancellation).ConfigureAwait(false));
            if (document.Root is null)
            {
                throw new CliException(string.Join('\n', document.Problems.Select(p => $"{source}, line {p.Line}: {p.Path} {p.Message}")));
            }

            var result = read(document.Root);
            var text = YamlText.Write(result.Document);
            if (parsed.GetValue(to) is { } target)
            {
                await File.WriteAllTextAsync(target.FullName, text, cancellation).ConfigureAwait(false);
            }
            else
            {
                await shared.Output.WriteAsync(text).ConfigureAwait(false);
            }

            foreach (var note in result.Notes)
            {
                await shared.Errors.WriteLineAsync($"{note.Path}: {note.Reason}").ConfigureAwait(false);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command History(SharedOptions shared)
    {
        var entry = new Argument<string?>("entry") { Description = "An entry as KIND/ID with the plural kind, for example teams/web; else the whole configuration.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("history", "Lists versions, newest first.") { entry };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var path = parsed.GetValue(entry) is { } named ? $"{EntryPath(named)}/history" : "/api/config/versions";
            var page = await client.GetAsync(path, cancellation).ConfigureAwait(false);
            shared.Show(parsed, page, page["items"]!.AsArray(), parsed.GetValue(entry) is null ? ["version", "at", "actor.name", "via", "entries"] : ["version", "at", "actor.name", "action", "via", "changes"]);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rollback(SharedOptions shared)
    {
        var version = new Argument<long>("version") { Description = "The version to go back to." };
        var entry = new Option<string?>("--entry") { Description = "Only this entry, as KIND/ID with the plural kind." };
        var yes = new Option<bool>("--yes") { Description = "Do it. Without it only what would change is told." };
        var command = new Command("rollback", "Goes back to a version, as a new change.") { version, entry, yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var path = parsed.GetValue(entry) is { } named ? $"{EntryPath(named)}/rollback" : "/api/config/rollback";
            var report = await client.PostAsync(path, new JsonObject { ["version"] = parsed.GetValue(version), ["dryRun"] = !parsed.GetValue(yes) }, cancellation).ConfigureAwait(false);
            TellChanges(shared, parsed, report);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void TellChanges(SharedOptions shared, ParseResult parsed, JsonObject report)
    {
        if (shared.IsJson(parsed))
        {
            shared.Show(parsed, report, []);
            return;
        }

        var changes = report["changes"]!.AsArray();
        foreach (var change in changes)
        {
            shared.Output.WriteLine($"{SharedOptions.Text(change, "action")} {SharedOptions.Text(change, "kind")} {SharedOptions.Text(change, "id")}");
            foreach (var field in change!["changes"]!.AsArray())
            {
                shared.Output.WriteLine($"    {SharedOptions.Text(field, "field")}: {field!["before"]?.ToJsonString() ?? "-"} -> {field["after"]?.ToJsonString() ?? "-"}");
            }
        }

        foreach (var secret in report["secrets"] as JsonArray ?? [])
        {
            shared.Output.WriteLine($"new {SharedOptions.Text(secret, "kind")} {SharedOptions.Text(secret, "id")}: {SharedOptions.Text(secret, "key")}");
        }

        shared.Output.WriteLine($"{changes.Count} change(s){(report["dryRun"]!.GetValue<bool>() ? "; nothing was written." : ".")}");
    }

    private static string EntryPath(string entry) => entry.Split('/', 2) is [{ Length: > 0 } kind, { Length: > 0 } id]
        ? $"/api/{Uri.EscapeDataString(kind)}/{Uri.EscapeDataString(id)}"
        : throw new CliException($"'{entry}' is no entry: write KIND/ID, for example teams/web.");

    private static string Flag(bool value) => value ? "true" : "false";
}
