using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Upstream;

/// <summary>Makes one call of one deployment, up to the response's headers.</summary>
internal static class UpstreamCall
{
    private const string UserAgent = "gateway/0.1";

    // Set by callers to steer the provider itself; harmless to others.
    private static readonly string[] _passedOn = ["OpenAI-Beta", "Idempotency-Key"];

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<HttpResponseMessage> SendAsync(RequestContext context, DeploymentRuntime deployment, CallDeadline deadline)
    {
        var provider = deployment.Provider;
        var request = new HttpRequestMessage(HttpMethod.Post, provider.Address(context.Operation.UpstreamPath))
        {
            Content = new SplicedContent(BodySplice.Plan(context.Body.Memory, context.Envelope, context.ModelJsonFor(deployment), provider.Entry.StreamUsageOption)),
        };
        AddHeaders(request.Headers, context, deployment);
        deadline.Arm(CallPhase.FirstByte, provider.Timeouts.FirstByteMs);
        return await provider.Invoker.SendAsync(request, deadline.Token).ConfigureAwait(false);
    }

    private static void AddHeaders(HttpRequestHeaders headers, RequestContext context, DeploymentRuntime deployment)
    {
        if (deployment.AuthValue is { } credential)
        {
            headers.TryAddWithoutValidation(deployment.Provider.Entry.AuthHeader, credential);
        }

        headers.TryAddWithoutValidation("User-Agent", UserAgent);
        foreach (var (name, value) in deployment.Provider.Headers)
        {
            headers.TryAddWithoutValidation(name, value);
        }

        var incoming = context.Http.Request.Headers;
        foreach (var name in _passedOn)
        {
            if (incoming.TryGetValue(name, out var values))
            {
                headers.TryAddWithoutValidation(name, values.ToString());
            }
        }

        if (Activity.Current is { Recorded: true, Id: { } traceParent } activity)
        {
            headers.TryAddWithoutValidation("traceparent", traceParent);
            if (activity.TraceStateString is { Length: > 0 } state)
            {
                headers.TryAddWithoutValidation("tracestate", state);
            }
        }
    }
}
