using Gateway.Contracts.Usage;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Proxy;
using Gateway.Edge.Runtime;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Edge.Mcp;

/// <summary>
/// Serves <c>/mcp</c> and what lies below: identifies the caller, meters calls of tools, and has the hub answer. A call is a request like any other: limits are taken and its price is held before the hub hears of
/// it, and it ends in a usage record.
/// </summary>
internal sealed class McpEndpoint(IdentifyStep identify, McpMeter meter, RuntimeHolder runtime)
{
    /// <summary>Longest message; what the hub takes.</summary>
    public const long MaxBodyBytes = 4 * 1024 * 1024;

    /// <summary>Passes a request to the hub; where the hub does not answer, something else was written.</summary>
    public delegate Task<ForwardEnd> Forward(HttpContext http, RequestContext caller, long? holdNanoUsd);

    /// <summary>Serves one request.</summary>
    public async Task ServeAsync(HttpContext http, Forward forward)
    {
        if (runtime.Current is not { } model)
        {
            await WriteAsync(http, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }).ConfigureAwait(false);
            return;
        }

        ProtectedResource.Challenge(http, model);
        var context = meter.Begin(http, model);
        var failure = identify.Run(context) ?? AuthorizeStep.CheckAddress(context);
        if (failure is null && HttpMethods.IsPost(http.Request.Method))
        {
            await PostAsync(context, forward).ConfigureAwait(false);
            return;
        }

        failure ??= CallerFacts.Read(context);
        if (failure is not null)
        {
            await WriteAsync(http, failure).ConfigureAwait(false);
            return;
        }

        using var revoked = context.Key!.Standing.Cut.UnsafeRegister(static h => ((HttpContext)h!).Abort(), http);
        await forward(http, context, null).ConfigureAwait(false);
    }

    private async Task PostAsync(RequestContext context, Forward forward)
    {
        var http = context.Http;
        try
        {
            var (body, failure) = await RequestBodyReader.ReadAsync(http, MaxBodyBytes).ConfigureAwait(false);
            context.Body = body;
            failure ??= CallerFacts.Read(context);
            if (failure is not null && failure.Error != GatewayError.BodyMissing)
            {
                await WriteAsync(http, failure).ConfigureAwait(false);
                return;
            }

            http.Request.Body = new MemoryStream(body.Memory.ToArray(), writable: false);
            if (!McpEnvelope.TryRead(body.Memory, out var envelope))
            {
                await McpRefusal.WriteAsync(http, new Failure(GatewayError.ValueInvalid, Step.Envelope, "Batches are not part of MCP any more; send one message per request."), default).ConfigureAwait(false);
            }
            else if (envelope.IsToolCall)
            {
                await CallAsync(context, envelope, forward).ConfigureAwait(false);
            }
            else
            {
                using var revoked = context.Key!.Standing.Cut.UnsafeRegister(static h => ((HttpContext)h!).Abort(), http);
                await forward(http, context, null).ConfigureAwait(false);
            }
        }
        finally
        {
            context.Body.Return();
        }
    }

    private async Task CallAsync(RequestContext context, McpEnvelope envelope, Forward forward)
    {
        var http = context.Http;
        var tool = Tool(context, envelope);
        var held = 0L;
        var outcome = RequestOutcome.ClientCancelled;
        Failure? failure = null;
        var cost = 0L;
        try
        {
            (held, failure) = await meter.HoldAsync(context, tool).ConfigureAwait(false);
            if (failure is not null)
            {
                outcome = RequestOutcome.Rejected;
                await McpRefusal.WriteAsync(http, failure, envelope.Id).ConfigureAwait(false);
                return;
            }

            cost = held;
            using var revoked = context.Key!.Standing.Cut.UnsafeRegister(static h => ((HttpContext)h!).Abort(), http);
            var finder = held > 0 ? Watch(http) : null;
            var end = await forward(http, context, tool.IsProgram ? held : null).ConfigureAwait(false);
            // What is not known is charged from above: an answer that did not come to its end, a hub that broke off.
            cost = end == ForwardEnd.BrokeOff ? held
                : end == ForwardEnd.NotReached || finder is { WasNotMade: true } ? 0
                : tool.IsProgram && finder?.NanoUsd is { } used ? Math.Min(used, held)
                : held;
            outcome = context.Key.Standing.Cut.IsCancellationRequested ? RequestOutcome.KeyRevoked
                : http.RequestAborted.IsCancellationRequested ? RequestOutcome.ClientCancelled
                : end == ForwardEnd.Answered ? RequestOutcome.Completed : RequestOutcome.UpstreamUnavailable;
        }
        finally
        {
            meter.Settle(context, cost, outcome, http.Response.StatusCode, failure);
        }
    }

    /// <summary>The tool that is called: by the address of one server under its own name, elsewhere under the server's and its own.</summary>
    private static McpPriced Tool(RequestContext context, in McpEnvelope envelope)
    {
        var prices = context.Model.McpPrices;
        var scope = context.Http.Request.Path.Value is { } path && path.StartsWith("/mcp/", StringComparison.OrdinalIgnoreCase) ? path["/mcp/".Length..].TrimEnd('/') : "";
        var tool = scope == McpPrices.Hub ? new McpPriced(scope, envelope.Tool, 0)
            : prices.Servers.Any(s => s.Id == scope) ? new McpPriced(scope, envelope.Tool, prices.Of(scope, envelope.Tool))
            : prices.Find(envelope.Tool);
        return tool.IsCall && envelope.InnerTool.Length > 0 ? Inner(prices, envelope.InnerTool) : tool;
    }

    /// <summary>The tool of a call through the hub's own, by any of the names that it takes.</summary>
    public static McpPriced Inner(McpPrices prices, string name)
    {
        var at = name.IndexOfAny(['/', '.']);
        return at > 0 && prices.Servers.FirstOrDefault(s => IsCalled(s.Id, name[..at])) is { } server
            ? new McpPriced(server.Id, name[(at + 1)..], prices.OfAlike(server.Id, name[(at + 1)..]))
            : prices.Find(name);
    }

    // Programs write other signs than letters and digits as underscores.
    private static bool IsCalled(string server, string name) => server == name || server.Replace('-', '_').TrimEnd('_') == name.TrimEnd('_');

    private static CostFinder Watch(HttpContext http)
    {
        var finder = new CostFinder();
        var feature = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new WatchedBody(feature.Stream, finder), feature));
        return finder;
    }

    private static Task WriteAsync(HttpContext http, Failure failure) => ErrorResponse.WriteAsync(http, failure, null).AsTask();
}
