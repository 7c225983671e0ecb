using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>
/// Amazon Bedrock's <c>ApplyGuardrail</c>, signed as the rule's credential says. <c>policy</c> is <c>IDENTIFIER</c> or <c>IDENTIFIER:VERSION</c> (else <c>DRAFT</c>). What it names by its words is found in
/// the text; what it judges as a whole counts for the whole.
/// </summary>
internal sealed class BedrockGuardrailsAdapter : IRemoteAdapter
{
    public async Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken)
    {
        var policy = question.Rule.Entry.Endpoint!.Policy ?? throw new InvalidOperationException("No guardrail is named.");
        var colon = policy.StartsWith("arn:", StringComparison.Ordinal) ? -1 : policy.LastIndexOf(':');
        var (id, version) = colon < 0 ? (policy, "DRAFT") : (policy[..colon], policy[(colon + 1)..]);
        var findings = new List<RemoteFinding>();
        foreach (var text in question.Texts)
        {
            var body = new JsonObject
            {
                ["source"] = question.IsAnswer ? "OUTPUT" : "INPUT",
                ["content"] = new JsonArray(new JsonObject { ["text"] = new JsonObject { ["text"] = text.Text.Text } }),
            };
            var answer = await calls.PostAsync(question, $"/guardrail/{Uri.EscapeDataString(id)}/version/{Uri.EscapeDataString(version)}/apply", body, null, cancellationToken).ConfigureAwait(false);
            if (answer.GetProperty("action").GetString() != "GUARDRAIL_INTERVENED")
            {
                continue;
            }

            var before = findings.Count;
            foreach (var assessment in answer.TryGetProperty("assessments", out var list) ? list.EnumerateArray() : [])
            {
                Read(assessment, text, findings);
            }

            if (findings.Count == before)
            {
                findings.Add(RemoteFinding.Whole(text, "intervened", 1));
            }
        }

        return RemoteAnswer.Of(findings);
    }

    private static void Read(JsonElement assessment, (int Index, Guardrails.Engine.GuardText Text) text, List<RemoteFinding> findings)
    {
        foreach (var (policy, member) in (ReadOnlySpan<(string, string)>)
            [
                ("topicPolicy", "topics"), ("contentPolicy", "filters"), ("wordPolicy", "customWords"), ("wordPolicy", "managedWordLists"),
                ("sensitiveInformationPolicy", "piiEntities"), ("sensitiveInformationPolicy", "regexes"), ("contextualGroundingPolicy", "filters"),
            ])
        {
            if (!assessment.TryGetProperty(policy, out var found) || found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(member, out var items) || items.ValueKind != JsonValueKind.Array)
            {
                continue;
            }

            foreach (var item in items.EnumerateArray())
            {
                // NONE is told of what was seen and let through.
                if (item.TryGetProperty("action", out var action) && action.GetString() == "NONE")
                {
                    continue;
                }

                var kind = Name(item, "type") ?? Name(item, "name") ?? policy;
                var score = Name(item, "confidence") switch { "LOW" => 0.4, "MEDIUM" => 0.7, _ => 1.0 };
                if (Name(item, "match") is { Length: > 0 } match && text.Text.Text.Contains(match, StringComparison.Ordinal))
                {
                    for (var at = text.Text.Text.IndexOf(match, StringComparison.Ordinal); at >= 0; at = text.Text.Text.IndexOf(match, at + match.Length, StringComparison.Ordinal))
                    {
                        findings.Add(new RemoteFinding(text.Index, at, match.Length, kind, score));
                    }
                }
                else
                {
                    findings.Add(RemoteFinding.Whole(text, kind, score));
                }
            }
        }
    }

    private static string? Name(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
