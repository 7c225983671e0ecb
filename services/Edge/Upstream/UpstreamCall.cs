using System.Net.Http.Headers;
using System.Text;
using Gateway.CloudAuth;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Upstream;

/// <summary>Makes one call of one deployment, up to the response's headers.</summary>
internal static class UpstreamCall
{
    private const string UserAgent = "gateway/0.1";

    /// <summary>Sends the caller's own body, spliced: for a provider that speaks the caller's dialect.</summary>
    /// <param name="context">The request.</param>
    /// <param name="deployment">The deployment called.</param>
    /// <param name="target">What is asked for.</param>
    /// <param name="deadline">Ends the call; its first phase is begun here.</param>
    /// <param name="dropped">Members of the body that this provider does not take and that were left out; null when there are none.</param>
    /// <exception cref="ProviderAuthException">The credential cannot be had.</exception>
    public static ValueTask<HttpResponseMessage> SendAsync(
        RequestContext context, DeploymentRuntime deployment, in UpstreamTarget target, CallDeadline deadline, out IReadOnlyList<string>? dropped)
    {
        dropped = null;
        var adapter = deployment.Provider.Adapter;
        var model = target.Dialect is DialectId.Gemini or DialectId.BedrockConverse ? null
            : context.Envelope.IsForm ? Encoding.UTF8.GetBytes(target.Model)
            : deployment.IsWildcard ? JsonName.Encode(target.Model)
            : deployment.ModelJson;
        var asksForUsage = target.Operation == UpstreamOperation.Chat && target.Dialect is DialectId.OpenAIChat or DialectId.OpenAICompletions && deployment.Provider.Entry.StreamUsageOption;
        var splice = BodySplice.Plan(context.Body.Memory, context.Envelope, model, asksForUsage);
        if (context.Envelope.IsForm)
        {
            return SendAsync(context.Http, deployment, target, new SplicedContent(splice, context.Http.Request.ContentType), null, deadline);
        }

        var edits = adapter.Edits(target);
        if (edits is null && !adapter.SignsBody(deployment) && context.Reservation.SetCap == 0)
        {
            return SendAsync(context.Http, deployment, target, new SplicedContent(splice), null, deadline);
        }

        var spliced = new byte[splice.Length];
        splice.CopyTo(spliced);
        var whole = OutputCapEdit.Apply(context, deployment, target, spliced);
        return SendFinalAsync(context.Http, deployment, target, edits is null ? whole : edits.Apply(whole, out dropped), deadline);
    }

    /// <summary>Sends a JSON body made for the provider, with the edits that the provider itself needs.</summary>
    /// <param name="http">The caller's request, for headers that are passed on.</param>
    /// <param name="deployment">The deployment called.</param>
    /// <param name="target">What is asked for.</param>
    /// <param name="body">The body in the dialect of <paramref name="target"/>.</param>
    /// <param name="deadline">Ends the call; its first phase is begun here.</param>
    /// <exception cref="ProviderAuthException">The credential cannot be had.</exception>
    public static ValueTask<HttpResponseMessage> SendAsync(HttpContext http, DeploymentRuntime deployment, in UpstreamTarget target, ReadOnlyMemory<byte> body, CallDeadline deadline) =>
        SendFinalAsync(http, deployment, target, deployment.Provider.Adapter.Edits(target) is { } edits ? edits.Apply(body) : body, deadline);

    private static ValueTask<HttpResponseMessage> SendFinalAsync(HttpContext http, DeploymentRuntime deployment, in UpstreamTarget target, ReadOnlyMemory<byte> final, CallDeadline deadline)
    {
        var content = new ReadOnlyMemoryContent(final);
        content.Headers.ContentType = SplicedContent.Json;
        return SendAsync(http, deployment, target, content, final, deadline);
    }

    /// <summary>Sends a request with any content, or none.</summary>
    /// <param name="http">The caller's request, for headers that are passed on.</param>
    /// <param name="deployment">The deployment called.</param>
    /// <param name="target">What is asked for.</param>
    /// <param name="content">The content as it goes out, or null: then the request is a GET.</param>
    /// <param name="signed">The content's bytes, needed where the adapter signs the body.</param>
    /// <param name="deadline">Ends the call; its first phase is begun here.</param>
    /// <param name="method">The method; by default POST with a content and GET without.</param>
    /// <exception cref="ProviderAuthException">The credential cannot be had.</exception>
    public static ValueTask<HttpResponseMessage> SendAsync(
        HttpContext http, DeploymentRuntime deployment, in UpstreamTarget target, HttpContent? content, ReadOnlyMemory<byte>? signed, CallDeadline deadline, HttpMethod? method = null)
    {
        var provider = deployment.Provider;
        var address = provider.Adapter.Address(target)
            ?? throw new InvalidOperationException($"The provider '{provider.Id}' has no address for {target.Operation}; whoever calls asks the adapter first.");
        var request = new HttpRequestMessage(method ?? (content is null ? HttpMethod.Get : HttpMethod.Post), address) { Content = content };
        AddHeaders(request.Headers, http, provider.Adapter.PassedHeaders(target.Dialect));
        deadline.Arm(CallPhase.FirstByte, provider.Timeouts.FirstByteMs);
        var prepared = provider.Adapter.PrepareAsync(request, deployment, signed, deadline.Token);
        return prepared.IsCompletedSuccessfully
            ? new ValueTask<HttpResponseMessage>(provider.Invoker.SendAsync(request, deadline.Token))
            : SendPreparedAsync(prepared, provider.Invoker, request, deadline.Token);
    }

    private static async ValueTask<HttpResponseMessage> SendPreparedAsync(ValueTask prepared, HttpMessageInvoker invoker, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await prepared.ConfigureAwait(false);
        return await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static void AddHeaders(HttpRequestHeaders headers, HttpContext http, string[] passedOn)
    {
        headers.TryAddWithoutValidation("User-Agent", UserAgent);
        var incoming = http.Request.Headers;
        foreach (var name in passedOn)
        {
            if (incoming.TryGetValue(name, out var values))
            {
                headers.TryAddWithoutValidation(name, values.ToString());
            }
        }

        OutboundContext.Add(headers, http);
    }
}
