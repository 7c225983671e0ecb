using System.CommandLine;

namespace Gateway.Cli.Commands;

/// <summary><c>gateway reconcile</c>: providers' bills beside the ledger.</summary>
internal static class ReconcileCommands
{
    public static Command Make(SharedOptions shared) => new("reconcile", "Compares the ledger with what providers billed.") { Import(shared), Show(shared) };

    private static Command Import(SharedOptions shared)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The bill, as the provider exports it." };
        var source = new Option<string>("--source") { Description = "Form of the bill: csv, openai, anthropic, aws, azure or focus.", Required = true };
        Option<string?>[] texts =
        [
            new("--provider") { Description = "The gateway's provider that billed.", Required = true },
            new("--part") { Description = "Which of several bills of the provider." },
            new("--from") { Description = "First day covered, as 2026-01-31 in UTC." },
            new("--to") { Description = "First day not covered any more." },
            new("--columns") { Description = "Columns by meaning, as amount=Total,model=Product." },
            new("--models") { Description = "The gateway's models by the bill's, as a=b,c=d." },
            new("--credentials") { Description = "Credentials by the bill's accounts, as a=b,c=d." },
        ];
        var partial = new Option<bool>("--partial") { Description = "Leave out lines that cannot be read." };
        var import = new Command("import", "Imports a bill in place of what was known of its days.") { file, source, partial };
        foreach (var text in texts)
        {
            import.Options.Add(text);
        }

        import.SetAction(async (parsed, cancellation) =>
        {
            var content = await File.ReadAllTextAsync(parsed.GetValue(file)!.FullName, cancellation).ConfigureAwait(false);
            using var client = shared.Client(parsed);
            var query = string.Concat(texts.Select(t => (Name: t.Name.TrimStart('-'), Value: parsed.GetValue(t))).Where(t => t.Value is not null).Select(t => $"&{t.Name}={Uri.EscapeDataString(t.Value!)}"));
            var form = parsed.GetValue(source)!;
            var answer = await client.SendAsync(
                HttpMethod.Post,
                $"/api/reconciliation/imports?source={Uri.EscapeDataString(form)}{query}{(parsed.GetValue(partial) ? "&partial=true" : "")}",
                content,
                form is "openai" or "anthropic" ? "application/json" : "text/csv",
                cancellation).ConfigureAwait(false);
            shared.Show(parsed, answer, [answer], "id", "provider", "from", "to", "lines", "skipped", "refused", "nanoUsd");
            return ExitCodes.Done;
        });
        return import;
    }

    private static Command Show(SharedOptions shared)
    {
        var from = new Option<string>("--from") { Description = "First day, as 2026-01-31 in UTC.", Required = true };
        var to = new Option<string>("--to") { Description = "First day after.", Required = true };
        var provider = new Option<string?>("--provider") { Description = "Only this provider." };
        var show = new Command("show", "The ledger beside what was billed, and why they differ.") { from, to, provider };
        show.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var only = parsed.GetValue(provider) is { } one ? $"&provider={Uri.EscapeDataString(one)}" : "";
            var report = await client.GetAsync($"/api/reconciliation?from={Uri.EscapeDataString(parsed.GetValue(from)!)}&to={Uri.EscapeDataString(parsed.GetValue(to)!)}{only}", cancellation).ConfigureAwait(false);
            shared.Show(parsed, report, report["items"]?.AsArray() ?? [], "day", "provider", "model", "credential", "requests", "ledgerNanoUsd", "billedNanoUsd", "differenceNanoUsd", "parts");
            return ExitCodes.Done;
        });
        return show;
    }
}
