using System.Buffers;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Operations;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Upstream;

/// <content>Reads what a provider answered to an operation other than a chat.</content>
internal sealed partial class UpstreamAttempt
{
    private async ValueTask<UpstreamFault?> ReadOperationAsync(HttpResponseMessage response, OperationCall call, CallDeadline deadline)
    {
        while (true)
        {
            var mediaType = UpstreamFault.MediaType(response.Content.Headers);
            if (mediaType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
            {
                return await BeginMediaAsync(response, call, isRaw: false, deadline).ConfigureAwait(false);
            }

            if (call.Target.Operation == UpstreamOperation.Speech)
            {
                return await BeginMediaAsync(response, call, isRaw: true, deadline).ConfigureAwait(false);
            }

            _answer.Body = await ResponseBodyReader.ReadAsync(response, deadline, Timeouts.IdleMs).ConfigureAwait(false);
            if (call.Read(_answer.Body.Memory, mediaType) is not { } answer)
            {
                return new UpstreamFault(GatewayError.UpstreamInvalid, "the answer is not in the provider's form", true);
            }

            Take(answer);
            if (!answer.HasMore)
            {
                return null;
            }

            Outcome = null;
            _answer.Body.Return();
            _answer.Body = default;
            response.Dispose();
            Response = response = await SendAsync(deadline).ConfigureAwait(false);
            if (Status is < 200 or >= 300)
            {
                return await ReadErrorAsync(response, deadline).ConfigureAwait(false);
            }
        }
    }

    private void Take(OperationAnswer answer)
    {
        HasUsage = answer.Tokens is not null;
        _tokens.Counts = answer.Tokens ?? default;
        Units = answer.Units;
        OutputTextBytes = answer.OutputTextBytes;
        Outcome = RequestOutcome.Completed;
        if (answer.Body is not { } body)
        {
            return;
        }

        using var output = new PooledBodyWriter(Math.Max(body.Length, 1));
        output.Write(body.Span);
        _answer.Body.Return();
        _answer.Body = output.Detach();
        _answer.Form = new AnswerForm { IsRewritten = true, ContentType = answer.ContentType, IsEstimate = answer.IsEstimate };
    }

    /// <summary>Begins to pass on sound as it comes, or events of images, speech or a transcript.</summary>
    private async ValueTask<UpstreamFault?> BeginMediaAsync(HttpResponseMessage response, OperationCall call, bool isRaw, CallDeadline deadline)
    {
        deadline.EndWith(drain.Deadline);
        Units = call.Units;
        OutputTextBytes = call.OutputTextBytes;
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var source = new StreamSource(stream, isRaw ? new RawFrames() : new SseFrameReader(), deadline, Timeouts.IdleMs);
        _answer.Stream = source;
        _answer.Form = new AnswerForm { Scan = isRaw ? new RawScan() : new MediaScan(), IsRaw = isRaw };
        if (!await source.FillAsync().ConfigureAwait(false))
        {
            return new UpstreamFault(GatewayError.UpstreamCut, "the answer ended before it began", true);
        }

        deadline.EndLimit();
        return isRaw ? null : CheckFirst(source.Open(source.Peek()));
    }
}
