using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Governance.Guardrails;

/// <summary>Replays a proposed policy over given texts and compares it with a policy in force. Rules that ask other services are not run.</summary>
internal static class DryRun
{
    private const int MostTexts = 10_000;
    private const int MostLength = 100_000;
    private const int MostShown = 200;
    private const long MostBytes = 32L * 1024 * 1024;

    public static void MapDryRun(this RouteGroupBuilder guardrails, GuardrailResource resource) =>
        guardrails.MapPost("/dry-run", async (HttpContext context, ConfigStore store, TimeProvider time) =>
            {
                var (body, refused) = await RequestBody.ReadAsync(context, MostBytes).ConfigureAwait(false);
                if (refused is not null)
                {
                    return refused.ToResult();
                }

                var errors = new FieldErrors();
                var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
                var (proposed, current, texts) = Read(new ObjectReader(body, "", errors), state, resource);
                if (errors.Any)
                {
                    return Problem.Invalid(errors.All).ToResult();
                }

                return Results.Json(Run(proposed!, current, texts, time, context.RequestAborted), GuardrailJson.Default.DryRunReport);
            })
            .WithName("dryRunGuardrail")
            .WithSummary("Replays a policy over texts and shows what it would do that the policy in force does not.")
            .WithDescription($"`policy` as for creating one; `compareWith`: the id of a stored one, absent: nothing is in force; `texts`: a list, or `lines`: JSON lines with the member `text`, and `place` where it is not `input`. At most {MostTexts} texts. Rules that ask other services are not run.")
            .Accepts<DryRunRequest>("application/json")
            .Produces<DryRunReport>().Refuses(400)
            .Access(EntryKinds.Guardrail, AccessAction.Run);

    private static (CompiledPolicy? Proposed, CompiledPolicy? Current, IReadOnlyList<GuardText> Texts) Read(ObjectReader reader, ConfigState state, GuardrailResource resource)
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
        reader.Close();
        if (texts.Count is 0 or > MostTexts)
        {
            reader.Error("texts", $"must be 1 to {MostTexts} texts, those of 'lines' included.");
        }

        return (proposed, current, texts);
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

    private static DryRunReport Run(CompiledPolicy proposed, CompiledPolicy? current, IReadOnlyList<GuardText> texts, TimeProvider time, CancellationToken cancellation)
    {
        var differences = new List<DryRunDifference>();
        var (blocked, changed, flagged, differ, blockedBefore, changedBefore) = (0, 0, 0, 0, 0, 0);
        var took = TimeSpan.Zero;
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < texts.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var began = time.GetTimestamp();
            var after = GuardEngine.Check([texts[i]], proposed, new GuardContext { Clock = time });
            var one = time.GetElapsedTime(began);
            took += one;
            slowest = one > slowest ? one : slowest;
            var before = current is null ? GuardOutcome.Untouched([texts[i]]) : GuardEngine.Check([texts[i]], current, new GuardContext { Clock = time });
            blocked += after.ShadowVerdict == GuardVerdict.Block ? 1 : 0;
            changed += after.IsChanged ? 1 : 0;
            flagged += after.Findings.Count > 0 ? 1 : 0;
            blockedBefore += before.ShadowVerdict == GuardVerdict.Block ? 1 : 0;
            changedBefore += before.IsChanged ? 1 : 0;
            if (after.ShadowVerdict == before.ShadowVerdict && after.Texts[0].Text == before.Texts[0].Text)
            {
                continue;
            }

            differ++;
            if (differences.Count < MostShown)
            {
                differences.Add(new DryRunDifference
                {
                    Index = i,
                    Before = before.ShadowVerdict.ToString(),
                    After = after.ShadowVerdict.ToString(),
                    Changed = after.IsChanged ? after.Texts[0].Text : null,
                    Kinds = [.. after.Findings.Select(static f => $"{f.Detector}:{f.Kind}").Distinct(StringComparer.Ordinal)],
                });
            }
        }

        return new DryRunReport
        {
            Texts = texts.Count,
            Blocked = blocked,
            Changed = changed,
            Found = flagged,
            BlockedBefore = blockedBefore,
            ChangedBefore = changedBefore,
            Different = differ,
            MeanMicroseconds = (long)(took.TotalMicroseconds / texts.Count),
            MaxMicroseconds = (long)slowest.TotalMicroseconds,
            NotRun = [.. proposed.Rules.Where(static r => r.Detector is null).Select(static r => r.Descriptor.Name).Distinct(StringComparer.Ordinal)],
            Differences = differences,
        };
    }
}

/// <summary>What a dry run is asked, for the OpenAPI document.</summary>
internal sealed record DryRunRequest
{
    /// <summary>The policy to try.</summary>
    public required GuardrailPolicyEntry Policy { get; init; }

    /// <summary>Id of a stored policy to compare with; absent: nothing is in force.</summary>
    public string? CompareWith { get; init; }

    /// <summary>Texts that go to a model.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>JSON lines with <c>text</c> and, where it is not <c>input</c>, <c>place</c>.</summary>
    public string? Lines { get; init; }
}

/// <summary>What a proposed policy does to texts.</summary>
internal sealed record DryRunReport
{
    /// <summary>Texts looked at.</summary>
    public required int Texts { get; init; }

    /// <summary>Texts that it blocks.</summary>
    public required int Blocked { get; init; }

    /// <summary>Texts that it changes.</summary>
    public required int Changed { get; init; }

    /// <summary>Texts in which it finds anything.</summary>
    public required int Found { get; init; }

    /// <summary>Texts that the policy in force blocks.</summary>
    public required int BlockedBefore { get; init; }

    /// <summary>Texts that the policy in force changes.</summary>
    public required int ChangedBefore { get; init; }

    /// <summary>Texts that come to something else.</summary>
    public required int Different { get; init; }

    /// <summary>Mean time of the proposed policy for a text.</summary>
    public required long MeanMicroseconds { get; init; }

    /// <summary>Its longest time for a text.</summary>
    public required long MaxMicroseconds { get; init; }

    /// <summary>Detectors that ask other services and were not run.</summary>
    public required IReadOnlyList<string> NotRun { get; init; }

    /// <summary>The first texts that come to something else.</summary>
    public required IReadOnlyList<DryRunDifference> Differences { get; init; }
}

/// <summary>A text that comes to something else.</summary>
internal sealed record DryRunDifference
{
    /// <summary>Which text, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The verdict in force.</summary>
    public required string Before { get; init; }

    /// <summary>The verdict of the proposed policy, in shadow or not.</summary>
    public required string After { get; init; }

    /// <summary>The text as the proposed policy leaves it; absent where it stays.</summary>
    public string? Changed { get; init; }

    /// <summary>What it found, as <c>detector:kind</c>.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }
}
