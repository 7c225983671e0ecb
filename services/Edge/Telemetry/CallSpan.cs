using System.Diagnostics;
using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Telemetry;

/// <summary>The span of one call of a provider, by the conventions for clients of generative AI.</summary>
internal static class CallSpan
{
    /// <summary>The operation and the model that is asked.</summary>
    public static string NameOf(RequestContext context, DeploymentRuntime deployment) => $"{context.Operation.Name} {context.ModelFor(deployment)}";

    /// <summary>Writes what is asked, and of whom.</summary>
    public static void Ask(Activity call, RequestContext context, DeploymentRuntime deployment)
    {
        call.SetTag("gen_ai.operation.name", context.Operation.Name);
        call.SetTag("gen_ai.provider.name", ProviderNames.Of(deployment.Provider));
        call.SetTag("gen_ai.request.model", context.ModelFor(deployment));
        call.SetTag("gateway.provider", deployment.Provider.Id);
        call.SetTag("gateway.deployment", deployment.Id);
        call.SetTag("gateway.attempt", context.Attempts.Made);
        if (context.SessionId.Length > 0)
        {
            call.SetTag("gen_ai.conversation.id", context.SessionId);
        }

        if (deployment.Provider.Entry.BaseUrl is { } address && Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            call.SetTag("server.address", uri.Host);
            call.SetTag("server.port", uri.Port);
        }

        if (context.Envelope.Stream)
        {
            call.SetTag("gen_ai.request.stream", true);
        }

        if (context.Envelope.MaxOutputTokens >= 0)
        {
            call.SetTag("gen_ai.request.max_tokens", context.Envelope.MaxOutputTokens);
        }

        if (context.Envelope.Choices > 1)
        {
            call.SetTag("gen_ai.request.choice.count", context.Envelope.Choices);
        }

        if (!context.Envelope.IsForm)
        {
            RequestNumbers.Write(call, context.Body.Span);
        }
    }

    /// <summary>Writes what came back of the call that answered.</summary>
    public static void Answer(Activity call, RequestContext context, AnswerFacts? facts, TimeProvider time)
    {
        var tokens = context.CallTokens;
        call.SetTag("http.response.status_code", context.ProviderStatus);
        Usage(call, tokens);
        call.SetTag("gateway.usage.estimated", context.Billed is { IsEstimated: true } ? true : null);
        call.SetTag("gateway.cost.usd", context.CallCostNanoUsd / 1e9);
        if (context.Billed?.PriceVersion is { } version)
        {
            call.SetTag("gateway.price.version", version);
        }

        if (context.Envelope.Stream && context.FirstByteTimestamp != 0 && context.CallStartedMicros != 0)
        {
            var first = time.GetElapsedTime(context.StartedTimestamp, context.FirstByteTimestamp).TotalSeconds - (context.CallStartedMicros / 1e6);
            call.SetTag("gen_ai.response.time_to_first_chunk", Math.Max(0, first));
        }

        facts?.Write(call);
        var broken = context.Outcome is RequestOutcome.UpstreamError or RequestOutcome.UpstreamCut;
        if (broken || context.ProviderStatus >= 400)
        {
            Fail(call, context.ProviderStatus >= 400 ? context.ProviderStatus.ToString(CultureInfo.InvariantCulture) : context.Failure?.Row.Code ?? "upstream_cut", null);
        }
    }

    /// <summary>Writes how a call failed.</summary>
    public static void Fail(Activity call, string type, string? reason)
    {
        call.SetTag("error.type", type);
        call.SetTag("gateway.reason", reason);
        call.SetStatus(ActivityStatusCode.Error, reason ?? type);
    }

    /// <summary>Ends the span of a call that did not answer.</summary>
    public static void Lost(Activity? call, UpstreamFault? fault, int status)
    {
        if (call is null)
        {
            return;
        }

        if (status != 0)
        {
            call.SetTag("http.response.status_code", status);
        }

        if (fault is { } why)
        {
            Fail(call, status >= 400 ? status.ToString(CultureInfo.InvariantCulture) : Errors.ErrorTable.Row(why.Error).Code, why.Reason);
        }
        else if (status >= 400)
        {
            Fail(call, status.ToString(CultureInfo.InvariantCulture), null);
        }
        else
        {
            call.SetTag("gateway.reason", "not needed");
        }

        call.Stop();
    }

    private static void Usage(Activity call, in TokenCounts tokens)
    {
        if (tokens.Total == 0)
        {
            return;
        }

        // By convention the sums hold what the finer classes count again.
        call.SetTag("gen_ai.usage.input_tokens", tokens.Prompt);
        call.SetTag("gen_ai.usage.output_tokens", tokens.Generated);
        Count(call, "gen_ai.usage.cache_read.input_tokens", tokens.CacheRead + tokens.AudioCacheRead + tokens.ImageCacheRead);
        Count(call, "gen_ai.usage.cache_creation.input_tokens", tokens.CacheWrite + tokens.CacheWriteHour);
        Count(call, "gen_ai.usage.reasoning.output_tokens", tokens.Reasoning);
        Count(call, "gateway.usage.audio.input_tokens", tokens.AudioInput + tokens.AudioCacheRead);
        Count(call, "gateway.usage.audio.output_tokens", tokens.AudioOutput);
        Count(call, "gateway.usage.image.input_tokens", tokens.ImageInput + tokens.ImageCacheRead);
        Count(call, "gateway.usage.image.output_tokens", tokens.ImageOutput);
    }

    private static void Count(Activity call, string name, long count)
    {
        if (count != 0)
        {
            call.SetTag(name, count);
        }
    }
}
