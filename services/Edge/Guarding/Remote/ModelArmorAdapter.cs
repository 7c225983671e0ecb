using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>Google Model Armor. <c>policy</c> is the template, <c>projects/P/locations/L/templates/T</c>. Each filter that matches is a finding; sensitive data has its places where the service tells them.</summary>
internal sealed class ModelArmorAdapter : IRemoteAdapter
{
    public async Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken)
    {
        var template = question.Rule.Entry.Endpoint!.Policy ?? throw new InvalidOperationException("No template is named.");
        var findings = new List<RemoteFinding>();
        foreach (var text in question.Texts)
        {
            var (operation, member) = question.IsAnswer ? ("sanitizeModelResponse", "modelResponseData") : ("sanitizeUserPrompt", "userPromptData");
            var body = new JsonObject { [member] = new JsonObject { ["text"] = text.Text.Text } };
            var answer = await calls.PostAsync(question, $"/v1/{template}:{operation}", body, null, cancellationToken).ConfigureAwait(false);
            var result = answer.GetProperty("sanitizationResult");
            if (!result.TryGetProperty("filterMatchState", out var state) || state.GetString() != "MATCH_FOUND")
            {
                continue;
            }

            var before = findings.Count;
            foreach (var filter in result.TryGetProperty("filterResults", out var filters) && filters.ValueKind == JsonValueKind.Object ? filters.EnumerateObject() : default)
            {
                // Each filter has its result in a member of its own name: rai.raiFilterResult.
                if (Matches(filter.Value, out var spans))
                {
                    AddAll(text, filter.Name, spans, findings);
                }
            }

            if (findings.Count == before)
            {
                findings.Add(RemoteFinding.Whole(text, "match", 1));
            }
        }

        return RemoteAnswer.Of(findings);
    }

    private static void AddAll((int Index, Guardrails.Engine.GuardText Text) text, string filter, List<(string Kind, int Start, int End)> spans, List<RemoteFinding> findings)
    {
        if (spans.Count == 0)
        {
            findings.Add(RemoteFinding.Whole(text, filter, 1));
        }

        foreach (var (kind, start, end) in spans)
        {
            // The service counts code points.
            var (from, to) = (CodePoints.Offset(text.Text.Text, start), CodePoints.Offset(text.Text.Text, end));
            findings.Add(new RemoteFinding(text.Index, from, to - from, kind, 1));
        }
    }

    private static bool Matches(JsonElement filter, out List<(string Kind, int Start, int End)> spans)
    {
        spans = [];
        return Look(filter, spans, 0);
    }

    private static bool Look(JsonElement json, List<(string, int, int)> spans, int depth)
    {
        if (json.ValueKind != JsonValueKind.Object || depth > 8)
        {
            return false;
        }

        var matches = json.TryGetProperty("matchState", out var state) && state.ValueKind == JsonValueKind.String && state.GetString() == "MATCH_FOUND";
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name == "findings" && member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var finding in member.Value.EnumerateArray())
                {
                    if (finding.TryGetProperty("location", out var location) && location.TryGetProperty("codepointRange", out var range) && Number(range, "end") is { } end)
                    {
                        spans.Add((finding.TryGetProperty("infoType", out var type) ? type.GetString() ?? "sdp" : "sdp", Number(range, "start") ?? 0, end));
                    }
                }
            }
            else
            {
                matches |= Look(member.Value, spans, depth + 1);
            }
        }

        return matches;
    }

    // 64-bit numbers are texts in Google's JSON.
    private static int? Number(JsonElement range, string name) =>
        !range.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetInt32()
        : int.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
