using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Audit;

namespace Gateway.Cli.Commands;

/// <summary><c>gateway audit</c>.</summary>
internal static class AuditCommands
{
    public static Command Make(SharedOptions shared) => new("audit", "The audit log: verify it, take it out.") { Verify(shared), Export(shared) };

    private static Command Verify(SharedOptions shared)
    {
        var file = new Option<FileInfo?>("--file") { Description = "An exported log (lines of JSON): verified here, without a gateway." };
        var checkpoints = new Option<FileInfo?>("--checkpoints") { Description = "Checkpoints that were carried outside (lines of JSON)." };
        var keys = new Option<FileInfo?>("--public-key") { Description = "PEM file with the public keys that checkpoints are believed by." };
        var partial = new Option<bool>("--partial") { Description = "The export begins in the middle of a chain." };
        var chain = new Option<string?>("--chain") { Description = "One chain of a running gateway only." };
        var command = new Command("verify", "Says whether rows were altered, deleted, moved, inserted or cut off, and which. Asks a running gateway, or reads --file.") { file, checkpoints, keys, partial, chain };
        command.SetAction(async (parsed, cancellation) => parsed.GetValue(file) is { } log
            ? await OfflineAsync(shared, parsed, log, parsed.GetValue(checkpoints), parsed.GetValue(keys), parsed.GetValue(partial), cancellation).ConfigureAwait(false)
            : await OnlineAsync(shared, parsed, parsed.GetValue(chain), cancellation).ConfigureAwait(false));
        return command;
    }

    private static async Task<int> OnlineAsync(SharedOptions shared, ParseResult parsed, string? chain, CancellationToken cancellation)
    {
        using var client = shared.Client(parsed);
        var report = await client.PostAsync($"/api/audit/verify{(chain is null ? "" : $"?chain={Uri.EscapeDataString(chain)}")}", null, cancellation).ConfigureAwait(false);
        return Tell(shared, parsed, report);
    }

    private static async Task<int> OfflineAsync(
        SharedOptions shared, ParseResult parsed, FileInfo log, FileInfo? checkpointFile, FileInfo? keyFile, bool isPartial, CancellationToken cancellation)
    {
        CheckpointKeys? keys = null;
        if (keyFile is not null)
        {
            keys = CheckpointKeys.Read(await File.ReadAllTextAsync(keyFile.FullName, cancellation).ConfigureAwait(false))
                ?? throw new CliException($"{keyFile.FullName} holds no ECDSA P-256 key in PEM.");
        }

        using (keys)
        {
            var signed = new List<AuditCheckpoint>();
            if (checkpointFile is not null)
            {
                var number = 0;
                await foreach (var line in File.ReadLinesAsync(checkpointFile.FullName, cancellation).ConfigureAwait(false))
                {
                    number++;
                    signed.Add(AuditLines.ReadCheckpoint(Encoding.UTF8.GetBytes(line)) ?? throw new CliException($"{checkpointFile.FullName}, line {number}: this is no checkpoint."));
                }
            }

            var verifier = new AuditVerifier(signed, keys, isPartial);
            await ReadLinesAsync(log.FullName, verifier, cancellation).ConfigureAwait(false);
            var verdict = verifier.Finish();
            if (keys is null || signed.Count == 0)
            {
                await shared.Errors.WriteLineAsync("Without --checkpoints and --public-key a cut end, and a log written anew as a whole, cannot be told.").ConfigureAwait(false);
            }

            var report = new JsonObject
            {
                ["intact"] = verdict.IsIntact,
                ["rows"] = verdict.Rows,
                ["checkpoints"] = verdict.Checkpoints,
                ["findings"] = new JsonArray([.. verdict.Findings.Select(f => (JsonNode)new JsonObject
                {
                    ["kind"] = f.Kind.ToString(), ["chain"] = f.Chain, ["first"] = f.First, ["last"] = f.Last, ["line"] = f.Line, ["message"] = f.Message,
                })]),
            };
            return Tell(shared, parsed, report);
        }
    }

    // Bytes, not text: a damaged byte must come to the verifier as it is.
    private static async Task ReadLinesAsync(string path, AuditVerifier verifier, CancellationToken cancellation)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        await using (file.ConfigureAwait(false))
        {
            var reader = System.IO.Pipelines.PipeReader.Create(file);
            for (long number = 1; ;)
            {
                var read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    verifier.AddLine(buffer.Slice(0, end).ToArray(), number++);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (read.IsCompleted)
                {
                    if (!buffer.IsEmpty)
                    {
                        verifier.AddLine(buffer.ToArray(), number);
                    }

                    return;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    private static int Tell(SharedOptions shared, ParseResult parsed, JsonObject report)
    {
        var intact = report["intact"]!.GetValue<bool>();
        if (shared.IsJson(parsed))
        {
            shared.Show(parsed, report, []);
        }
        else
        {
            shared.Output.WriteLine($"{(intact ? "Intact" : "DAMAGED")}: {report["rows"]} rows, {report["checkpoints"]} checkpoints.");
            foreach (var finding in report["findings"]!.AsArray())
            {
                shared.Output.WriteLine($"  {SharedOptions.Text(finding, "kind")}: {SharedOptions.Text(finding, "message")}");
            }
        }

        return intact ? ExitCodes.Done : ExitCodes.Damaged;
    }

    private static Command Export(SharedOptions shared)
    {
        var folder = new Option<DirectoryInfo>("--to") { Description = "Folder for audit.jsonl, checkpoints.jsonl and public-key.pem.", Required = true };
        var command = new Command("export", "Writes the log, the checkpoints and the public keys to a folder, for verification elsewhere.") { folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var to = parsed.GetValue(folder)!.FullName;
            Directory.CreateDirectory(to);
            await client.PostAsync("/api/audit/checkpoints", null, cancellation).ConfigureAwait(false);
            var page = await client.GetAsync("/api/audit/checkpoints?limit=1", cancellation).ConfigureAwait(false);
            var checkpoints = await client.AllAsync("/api/audit/checkpoints?limit=1000", cancellation).ConfigureAwait(false);
            await File.WriteAllBytesAsync(Path.Combine(to, "audit.jsonl"), await client.BytesAsync(HttpMethod.Get, "/api/audit/export", null, null, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(to, "checkpoints.jsonl"), string.Concat(checkpoints.Select(c => c!.ToJsonString() + "\n")), cancellation).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(to, "public-key.pem"), page["publicKeys"]!.GetValue<string>(), cancellation).ConfigureAwait(false);
            await shared.Output.WriteLineAsync($"Written to {to}. Verify with: gateway audit verify --file audit.jsonl --checkpoints checkpoints.jsonl --public-key public-key.pem").ConfigureAwait(false);
            return ExitCodes.Done;
        });
        return command;
    }
}
