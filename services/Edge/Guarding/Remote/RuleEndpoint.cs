using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Guardrails.Engine;
using Gateway.ServiceDefaults.InternalAuth;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>Rules that ask other services, for the hub: their credentials, their routes and what a judge's call is charged to are here. See docs/adr/remote-rules-of-the-hub.md.</summary>
internal sealed class RuleEndpoint(RuntimeHolder runtime, RemoteRules remote)
{
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    /// <summary>Maps the address.</summary>
    public void Map(IEndpointRouteBuilder app) => app.MapPost(WireNames.GuardRulesPath, (RequestDelegate)AskAsync).RequireInternalToken();

    private async Task AskAsync(HttpContext http)
    {
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = MaxBodyBytes;
        if (await ReadAsync(http).ConfigureAwait(false) is not { } request || !IsGood(request))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var answer = new GuardRulesResponse { Rules = await AnswersAsync(request, http.RequestAborted).ConfigureAwait(false) };
        await http.Response.WriteAsJsonAsync(answer, ContractsJson.Default.GuardRulesResponse, cancellationToken: http.RequestAborted).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<GuardRuleAnswer>> AnswersAsync(GuardRulesRequest request, CancellationToken cancellationToken)
    {
        if (runtime.Current is not { } model)
        {
            return Failed(request, "no configuration");
        }

        // For a moment after a change the hub and this edge may go by different configurations.
        if (model.Guards.All.FirstOrDefault(p => p.Entry.Id == request.Policy) is not { } policy || policy.Fingerprint != request.Fingerprint || request.Rules.Any(r => r < 0 || r >= policy.Rules.Count))
        {
            return Failed(request, "another configuration");
        }

        if (model.FindKeyById(System.Text.Encoding.UTF8.GetBytes(request.KeyId)) is not { } key)
        {
            return Failed(request, "unknown key");
        }

        GuardText[] texts = [.. request.Texts.Select(TextOf)];
        PendingRule[] rules = [.. request.Rules.Select(r => new PendingRule(policy.Rules[r], [.. Enumerable.Range(0, texts.Length).Where(i => policy.Rules[r].LooksAt(texts[i].Place))]))];
        if (Array.Exists(rules, static r => r.Rule.Detector is not null || r.Texts.Count == 0))
        {
            return Failed(request, "nothing to ask");
        }

        var answers = await remote.AskAsync(new Asker(model, key, request.RequestId), request.About, rules, texts, policy, cancellationToken).ConfigureAwait(false);
        return
        [
            .. answers.Select((a, i) => new GuardRuleAnswer
            {
                Rule = request.Rules[i], Failure = a.Failure, Findings = [.. a.Findings.Select(static f => new GuardRuleFinding(f.Text, f.Start, f.Length, f.Kind, f.Score))],
            }),
        ];
    }

    private static IReadOnlyList<GuardRuleAnswer> Failed(GuardRulesRequest request, string why) => [.. request.Rules.Select(r => new GuardRuleAnswer { Rule = r, Failure = why })];

    private static GuardText TextOf(GuardCheckText text) => new(text.Text, text.Place)
    {
        Source = Enum.TryParse<GuardSource>(text.Source, ignoreCase: true, out var source) ? source : GuardSource.Unknown, Tool = text.Tool, IsJson = text.IsJson,
    };

    // What is in a list may be null whatever its type says.
    private static bool IsGood(GuardRulesRequest request) =>
        request.Texts.Count is > 0 and <= GuardCheckRequest.MaxTexts && request.Rules.Count is > 0 and <= 1000 && request.Texts.All(static t => t is { Text: not null } && Enum.IsDefined(t.Place));

    private static async ValueTask<GuardRulesRequest?> ReadAsync(HttpContext http)
    {
        try
        {
            return await http.Request.ReadFromJsonAsync(ContractsJson.Default.GuardRulesRequest, http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return null;
        }
    }
}
