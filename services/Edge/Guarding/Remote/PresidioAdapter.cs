using System.Text.Json.Nodes;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>Microsoft Presidio's analyzer, <c>/analyze</c>. <c>policy</c> is the language, <c>en</c> without one.</summary>
internal sealed class PresidioAdapter : IRemoteAdapter
{
    public async Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken)
    {
        var findings = new List<RemoteFinding>();
        foreach (var text in question.Texts)
        {
            var body = new JsonObject { ["text"] = text.Text.Text, ["language"] = question.Rule.Entry.Endpoint!.Policy ?? "en" };
            if (question.Rule.Entry.MinScore is { } least)
            {
                body["score_threshold"] = least;
            }

            var answer = await calls.PostAsync(question, "/analyze", body, null, cancellationToken).ConfigureAwait(false);
            foreach (var found in answer.EnumerateArray())
            {
                // Python counts code points.
                var (start, end) = (CodePoints.Offset(text.Text.Text, found.GetProperty("start").GetInt32()), CodePoints.Offset(text.Text.Text, found.GetProperty("end").GetInt32()));
                findings.Add(new RemoteFinding(text.Index, start, end - start, found.GetProperty("entity_type").GetString()?.ToLowerInvariant() ?? "", found.GetProperty("score").GetDouble()));
            }
        }

        return RemoteAnswer.Of(findings);
    }
}
