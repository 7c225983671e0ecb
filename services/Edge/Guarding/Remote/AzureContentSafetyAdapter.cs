using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>
/// Azure AI Content Safety, <c>text:analyze</c>: severities 0, 2, 4 and 6 of four categories, a text at a time and at most 10,000 characters at once. A severity counts as its share of 6; without a
/// least score of the rule's own from 4 on.
/// </summary>
internal sealed class AzureContentSafetyAdapter : IRemoteAdapter
{
    private const int MostCharacters = 10_000;
    private const double Highest = 6;
    private const double Medium = 4;

    public async Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken)
    {
        var findings = new List<RemoteFinding>();
        var credential = RemoteCalls.CredentialOf(question);
        var least = question.Rule.Entry.MinScore ?? Medium / Highest;
        foreach (var text in question.Texts)
        {
            foreach (var (start, piece) in Pieces.Of(text.Text.Text, MostCharacters))
            {
                var body = new JsonObject { ["text"] = piece, ["outputType"] = "FourSeverityLevels" };
                if (question.Rule.Entry.Endpoint!.Policy is { } blocklists)
                {
                    body["blocklistNames"] = new JsonArray([.. blocklists.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static n => (JsonNode)n)]);
                }

                Action<HttpRequestMessage, byte[]>? prepare = credential is { Type: CredentialType.ApiKey } key ? (request, _) => request.Headers.TryAddWithoutValidation("Ocp-Apim-Subscription-Key", key.Secret) : null;
                var answer = await calls.PostAsync(question, "/contentsafety/text:analyze?api-version=2024-09-01", body, prepare, cancellationToken).ConfigureAwait(false);
                foreach (var category in answer.GetProperty("categoriesAnalysis").EnumerateArray())
                {
                    var score = category.TryGetProperty("severity", out var severity) ? severity.GetInt32() / Highest : 0;
                    if (score > 0 && score >= least)
                    {
                        findings.Add(new RemoteFinding(text.Index, start, piece.Length, category.GetProperty("category").GetString() ?? "", score));
                    }
                }

                if (answer.TryGetProperty("blocklistsMatch", out var matches) && matches.GetArrayLength() > 0)
                {
                    findings.Add(new RemoteFinding(text.Index, start, piece.Length, "blocklist", 1));
                }
            }
        }

        return RemoteAnswer.Of(findings);
    }
}
