using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>Lakera Guard, <c>/v2/guard</c>. <c>policy</c> is the project. What it can name by its place is found there; else the whole of the last text counts, which is what it screens.</summary>
internal sealed class LakeraAdapter : IRemoteAdapter
{
    public async Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken)
    {
        var messages = new JsonArray();
        foreach (var (_, text) in question.Texts)
        {
            messages.Add((JsonNode)new JsonObject { ["role"] = RoleOf(text.Source), ["content"] = text.Text });
        }

        var body = new JsonObject { ["messages"] = messages, ["payload"] = true, ["breakdown"] = true };
        if (question.Rule.Entry.Endpoint!.Policy is { } project)
        {
            body["project_id"] = project;
        }

        var credential = RemoteCalls.CredentialOf(question);
        var answer = await calls.PostAsync(
            question, "/v2/guard", body, (request, _) => request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + (credential?.Secret ?? "")), cancellationToken).ConfigureAwait(false);
        if (!answer.GetProperty("flagged").GetBoolean())
        {
            return RemoteAnswer.Of([]);
        }

        var findings = new List<RemoteFinding>();
        foreach (var match in answer.TryGetProperty("payload", out var payload) && payload.ValueKind == JsonValueKind.Array ? payload.EnumerateArray() : [])
        {
            var message = match.TryGetProperty("message_id", out var id) && id.ValueKind == JsonValueKind.Number ? id.GetInt32() : question.Texts.Count - 1;
            var text = question.Texts[Math.Clamp(message, 0, question.Texts.Count - 1)];
            var (start, end) = (CodePoints.Offset(text.Text.Text, match.GetProperty("start").GetInt32()), CodePoints.Offset(text.Text.Text, match.GetProperty("end").GetInt32()));
            findings.Add(new RemoteFinding(text.Index, start, end - start, Kind(match), 1));
        }

        foreach (var detector in answer.TryGetProperty("breakdown", out var breakdown) && breakdown.ValueKind == JsonValueKind.Array ? breakdown.EnumerateArray() : [])
        {
            if (detector.TryGetProperty("detected", out var detected) && detected.ValueKind == JsonValueKind.True && !findings.Exists(f => f.Kind == Kind(detector)))
            {
                findings.Add(RemoteFinding.Whole(question.Texts[^1], Kind(detector), 1));
            }
        }

        return RemoteAnswer.Of(findings.Count > 0 ? findings : [RemoteFinding.Whole(question.Texts[^1], "flagged", 1)]);
    }

    private static string Kind(JsonElement item) => item.TryGetProperty("detector_type", out var type) ? type.GetString() ?? "flagged" : "flagged";

    private static string RoleOf(GuardSource source) => source switch
    {
        GuardSource.System => "system",
        GuardSource.Assistant => "assistant",
        GuardSource.Tool => "tool",
        _ => "user",
    };
}
