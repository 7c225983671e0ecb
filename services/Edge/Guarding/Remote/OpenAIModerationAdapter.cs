using System.Text.Json.Nodes;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>OpenAI's <c>/moderations</c>: a result for each text with scores of categories. A category counts that is flagged, or by its score where the rule names the least one.</summary>
internal sealed class OpenAIModerationAdapter : IRemoteAdapter
{
    public async Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = question.Rule.Entry.Endpoint!.Policy ?? "omni-moderation-latest",
            ["input"] = new JsonArray([.. question.Texts.Select(static t => (JsonNode)t.Text.Text)]),
        };
        var answer = await calls.PostAsync(question, "/moderations", body, null, cancellationToken).ConfigureAwait(false);
        var findings = new List<RemoteFinding>();
        var at = 0;
        foreach (var result in answer.GetProperty("results").EnumerateArray().Take(question.Texts.Count))
        {
            var text = question.Texts[at++];
            foreach (var category in result.GetProperty("category_scores").EnumerateObject())
            {
                var flagged = result.GetProperty("categories").TryGetProperty(category.Name, out var flag) && flag.ValueKind == System.Text.Json.JsonValueKind.True;
                if (flagged || question.Rule.Entry.MinScore is not null)
                {
                    findings.Add(RemoteFinding.Whole(text, category.Name, category.Value.GetDouble()));
                }
            }
        }

        return at == question.Texts.Count ? RemoteAnswer.Of(findings) : RemoteAnswer.Failed("invalid answer");
    }
}
