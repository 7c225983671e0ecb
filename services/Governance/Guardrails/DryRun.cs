using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage.Records;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Governance.Guardrails;

/// <summary>Replays a proposed policy over given texts and compares it with a policy in force. Rules that ask other services are not run.</summary>
internal static class DryRun
{
    private const int MostLogs = 2_000;
    private const int DefaultLogs = 200;
    private const int MostTexts = 10_000;
    private const int MostLength = 100_000;
    private const int MostNameLength = 500;
    private const long MostBytes = 32L * 1024 * 1024;

    public static void MapDryRun(this RouteGroupBuilder guardrails, GuardrailResource resource) =>
        guardrails.MapPost("/dry-run", async (HttpContext context, ConfigStore store, DryRunLogs logs, DeepInjection deep, TimeProvider time) =>
            {
                var (body, refused) = await RequestBody.ReadAsync(context, MostBytes).ConfigureAwait(false);
                if (refused is not null)
                {
                    return refused.ToResult();
                }

                var errors = new FieldErrors();
                var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
                var (proposed, current, cases, asked) = Read(new ObjectReader(body, "", errors), state, resource);
                if (errors.Any)
                {
                    return Problem.Invalid(errors.All).ToResult();
                }

                var replay = new DryRunReplay(proposed!, current, deep, time);
                foreach (var one in cases)
                {
                    await replay.RunAsync(one, context.RequestAborted).ConfigureAwait(false);
                }

                if (asked is { } question && await logs.ReplayAsync(question.Filter, question.Most, replay, context).ConfigureAwait(false) is { } forbidden)
                {
                    return forbidden.ToResult();
                }

                return Results.Json(replay.Report(), GuardrailJson.Default.DryRunReport);
            })
            .WithName("dryRunGuardrail")
            .WithSummary("Replays a policy over texts and shows what it would do that the policy in force does not.")
            .WithDescription($"`policy` as for creating one; `compareWith`: the id of a stored one, absent: nothing is in force; `texts`: a list, or `lines`: JSON lines with the member `text`, and `place` where it is not `input`. At most {MostTexts} texts. "
                + $"`logs`: requests of the request log whose bodies are kept, newest first: `from`, `to`, `key`, `team`, `customer`, `route`, `model`, `limit` (1 to {MostLogs}, default {DefaultLogs}); needs the right to read what was said, and is noted in the audit log. "
                + "Rules that ask other services are not run.")
            .Accepts<DryRunRequest>("application/json")
            .Produces<DryRunReport>().Refuses(400, 403)
            .Access(EntryKinds.Guardrail, AccessAction.Run);

    private static (CompiledPolicy? Proposed, CompiledPolicy? Current, List<DryRunCase> Cases, (UsageRecordFilter Filter, int Most)? Logs) Read(ObjectReader reader, ConfigState state, GuardrailResource resource)
    {
        CompiledPolicy? proposed = null;
        if (reader.Nested("policy") is { } nested)
        {
            var entry = GuardrailFields.Read(nested, nested.Text(resource.IdField, required: false, Formats.IdLength, Formats.Id) ?? "proposed");
            nested.Close();
            proposed = reader.Errors.Any ? null : PolicyCompiler.Compile(entry).Policy;
        }
        else
        {
            reader.Error("policy", "is required: the policy to try.");
        }

        CompiledPolicy? current = null;
        if (reader.Text("compareWith", required: false, Formats.IdLength) is { Length: > 0 } id)
        {
            if (state.Guardrails.TryGetValue(id, out var stored))
            {
                current = stored.Value.Enabled ? PolicyCompiler.Compile(stored.Value).Policy : null;
            }
            else
            {
                reader.Error("compareWith", $"names no guardrail policy: there is no '{id}'.");
            }
        }

        List<GuardText> texts = [.. reader.Documents("texts", MostTexts, MostLength).Select(static t => new GuardText(t, GuardrailScope.Input))];
        ReadLines(reader, texts);
        var logs = ReadLogs(reader);
        reader.Close();
        if (texts.Count > MostTexts || (texts.Count == 0 && logs is null))
        {
            reader.Error("texts", $"must be 1 to {MostTexts} texts, those of 'lines' included, unless 'logs' says which requests to replay.");
        }

        return (proposed, current, [.. texts.Select(static t => new DryRunCase([t], []))], logs);
    }

    private static (UsageRecordFilter Filter, int Most)? ReadLogs(ObjectReader reader)
    {
        if (reader.Nested("logs") is not { } logs)
        {
            return null;
        }

        var filter = new UsageRecordFilter
        {
            From = logs.Instant("from"),
            To = logs.Instant("to"),
            Key = logs.Text("key", required: false, Formats.IdLength),
            Team = logs.Text("team", required: false, Formats.IdLength),
            Customer = logs.Text("customer", required: false, Formats.IdLength),
            Route = logs.Text("route", required: false, MostNameLength),
            Model = logs.Text("model", required: false, MostNameLength),
        };
        var most = logs.Integer("limit", 1, MostLogs, DefaultLogs);
        logs.Close();
        return (filter, most);
    }

    private static void ReadLines(ObjectReader reader, List<GuardText> texts)
    {
        var number = 0;
        foreach (var line in (reader.Document("lines", (int)MostBytes, static _ => null) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            number++;
            try
            {
                using var json = JsonDocument.Parse(line);
                var place = json.RootElement.TryGetProperty("place", out var named) && Enum.TryParse<GuardrailScope>(named.GetString(), ignoreCase: true, out var scope) && Enum.IsDefined(scope) ? scope : GuardrailScope.Input;
                texts.Add(new GuardText(json.RootElement.GetProperty("text").GetString()!, place));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                reader.Error("lines", $"line {number} must be a JSON object with the text 'text'.");
                return;
            }
        }
    }
}
