using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Accounts;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Pipeline;

/// <summary>Who a question of the gateway's own is asked for, and by which configuration.</summary>
/// <param name="Model">The configuration.</param>
/// <param name="Key">Whose limits, budgets and records it is under.</param>
/// <param name="TraceIdentifier">Of the request that it belongs to.</param>
internal readonly record struct Asker(GatewayModel Model, KeyRuntime Key, string TraceIdentifier)
{
    /// <summary>The asker of a request.</summary>
    public static Asker Of(RequestContext context) => new(context.Model, context.Key!, context.Http.TraceIdentifier);
}

/// <summary>
/// Asks a model behind one of the gateway's own routes. The call is made under the caller's key: it is held on its limits and budgets, recorded and charged like any other. No guardrail
/// looks at it and no cache answers it, so that a judge never asks a judge.
/// </summary>
internal sealed class SideQuestion(AdmitStep admit, RouteStep routes, CallStep calls, SettleStep settle, TimeProvider time)
{
    /// <summary>Asks.</summary>
    /// <param name="asker">For whom.</param>
    /// <param name="routeName">Public name of the route.</param>
    /// <param name="system">What the model is told to do.</param>
    /// <param name="text">What it is given.</param>
    /// <param name="mostTokens">Longest answer.</param>
    /// <param name="purpose">What the call is for, in the decision record.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the model said, or why it said nothing.</returns>
    public async Task<(string? Said, string? Failed)> AskAsync(
        Asker asker, string routeName, string system, string text, int mostTokens, string purpose, CancellationToken cancellationToken)
    {
        if (asker.Model.FindRoute(routeName) is not { } route)
        {
            return (null, "no such route");
        }

        var http = new DefaultHttpContext { TraceIdentifier = asker.TraceIdentifier, RequestAborted = cancellationToken };
        var now = time.GetUtcNow();
        var context = new RequestContext(http, OperationSpec.Chat, asker.Model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
        {
            Key = asker.Key,
            Body = BodyOf(routeName, system, text, mostTokens),
            ModelName = routeName,
        };
        try
        {
            if (EnvelopeReader.Read(context.Body.Span, OperationSpec.Chat.Shape, false, context.Settings.MaxJsonDepth, out context.Envelope) is { Problem: not EnvelopeProblem.None })
            {
                return (null, "invalid prompt");
            }

            context.WildcardPart = route.WildcardPart(context.ModelName);
            context.Route = route.ForWildcard(context.WildcardPart);
            var failure = await admit.RunAsync(context).ConfigureAwait(false)
                ?? await routes.PlanAsync(context, purpose).ConfigureAwait(false)
                ?? await calls.RunAsync(context).ConfigureAwait(false);
            (context.Failure, context.Status) = (failure, failure?.Row.Status ?? context.ProviderStatus);
            return failure is not null ? (null, failure.Row.Code)
                : context.Outcome != RequestOutcome.Completed || context.Answer.Stream is not null ? (null, $"status {context.ProviderStatus}")
                : (JsonElement.Parse(context.Answer.Body.Span).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString() ?? "", null);
        }
        finally
        {
            settle.Run(context);
            context.Answer.Dispose();
            context.Upstream?.Dispose();
            context.Body.Return();
        }
    }

    private static PooledBody BodyOf(string routeName, string system, string text, int mostTokens)
    {
        var body = new JsonObject
        {
            ["model"] = routeName,
            ["max_tokens"] = mostTokens,
            ["temperature"] = 0,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "system", ["content"] = system }, new JsonObject { ["role"] = "user", ["content"] = text }),
        };
        using var output = new PooledBodyWriter(1024);
        output.Write(Encoding.UTF8.GetBytes(body.ToJsonString()));
        return output.Detach();
    }
}
