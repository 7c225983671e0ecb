using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Uploads;

/// <summary>
/// Passes the content of a file on that guardrails look at. Results of batches are answers, one a line: each is guarded by itself, and one that is forbidden becomes an error in its line, so that
/// the others arrive. Any other text is looked at as a whole.
/// </summary>
internal sealed class GuardedContents(PassedAnswers answers, SettleStep settle)
{
    private const int MaxLineBytes = 64 * 1024 * 1024;

    private static readonly byte[] _lineEnd = [(byte)'\n'];

    /// <summary>Passes a file on.</summary>
    /// <returns>Why nothing of it passed, or null.</returns>
    public async ValueTask<Failure?> PassAsync(RequestContext context, DeploymentRuntime holder, HttpResponseMessage response, CallDeadline deadline)
    {
        var pipe = PipeReader.Create(await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false), new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        var isBegun = false;
        bool? isLines = null;
        long looked = 0;
        while (true)
        {
            deadline.Arm(CallPhase.Body, holder.Provider.Timeouts.IdleMs);
            var read = await pipe.ReadAsync(deadline.Token).ConfigureAwait(false);
            var buffer = read.Buffer;
            if (isLines is null && buffer.Slice(looked).PositionOf((byte)'\n') is { } firstEnd)
            {
                isLines = IsObject(buffer.Slice(0, firstEnd));
            }

            looked = buffer.Length;
            if (isLines != true)
            {
                if (!read.IsCompleted && buffer.Length <= MaxLineBytes)
                {
                    // A whole file that is no list of answers is there before any of it passes.
                    pipe.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }

                return read.IsCompleted
                    ? await PassWholeAsync(context, holder, response, buffer).ConfigureAwait(false)
                    : await PassUnseenAsync(context, holder, response, pipe, buffer, deadline).ConfigureAwait(false);
            }

            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                Begin(context, holder, response, ref isBegun);
                await PassLineAsync(context, buffer.Slice(0, end).ToArray(), _lineEnd).ConfigureAwait(false);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                Begin(context, holder, response, ref isBegun);
                if (!buffer.IsEmpty)
                {
                    await PassLineAsync(context, buffer.ToArray(), []).ConfigureAwait(false);
                }

                context.Outcome = RequestOutcome.Completed;
                settle.Run(context);
                await context.Http.Response.BodyWriter.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
                return null;
            }

            if (buffer.Length > MaxLineBytes)
            {
                throw new IOException("A line of the file is longer than can be looked at.");
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
            await context.Http.Response.BodyWriter.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Passes a file on that is larger than can be looked at, where policies let it.</summary>
    private async ValueTask<Failure?> PassUnseenAsync(RequestContext context, DeploymentRuntime holder, HttpResponseMessage response, PipeReader pipe, ReadOnlySequence<byte> buffer, CallDeadline deadline)
    {
        if (PassedAnswers.Unseen(context) is { } unseen)
        {
            context.Outcome = RequestOutcome.ContentBlocked;
            return unseen;
        }

        var isBegun = false;
        Begin(context, holder, response, ref isBegun);
        var output = context.Http.Response.BodyWriter;
        while (true)
        {
            foreach (var part in buffer)
            {
                await output.WriteAsync(part, context.Http.RequestAborted).ConfigureAwait(false);
            }

            pipe.AdvanceTo(buffer.End);
            deadline.Arm(CallPhase.Body, holder.Provider.Timeouts.IdleMs);
            var read = await pipe.ReadAsync(deadline.Token).ConfigureAwait(false);
            buffer = read.Buffer;
            if (read.IsCompleted && buffer.IsEmpty)
            {
                context.Outcome = RequestOutcome.Completed;
                settle.Run(context);
                return null;
            }
        }
    }

    private async ValueTask<Failure?> PassWholeAsync(RequestContext context, DeploymentRuntime holder, HttpResponseMessage response, ReadOnlySequence<byte> buffer)
    {
        var (content, failure) = await answers.CheckAsync(context, buffer.ToArray(), context.Http.RequestAborted).ConfigureAwait(false);
        if (failure is not null)
        {
            context.Outcome = RequestOutcome.ContentBlocked;
            return failure;
        }

        var isBegun = false;
        context.Outcome = RequestOutcome.Completed;
        settle.Run(context);
        Begin(context, holder, response, ref isBegun);
        context.Http.Response.ContentLength = content.Length;
        await context.Http.Response.BodyWriter.WriteAsync(content, context.Http.RequestAborted).ConfigureAwait(false);
        return null;
    }

    private async ValueTask PassLineAsync(RequestContext context, byte[] line, byte[] end)
    {
        var output = context.Http.Response.BodyWriter;
        if (line.AsSpan().IndexOfAnyExcept(" \t\r"u8) >= 0)
        {
            var (passed, failure) = await answers.CheckAsync(context, line, context.Http.RequestAborted).ConfigureAwait(false);
            output.Write(failure is null ? passed.Span : Refused(line, failure));
        }

        output.Write(end);
    }

    /// <summary>A line whose answer must not pass, in the form of a request that failed.</summary>
    private static byte[] Refused(byte[] line, Failure failure)
    {
        JsonNode? given = null;
        try
        {
            given = JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            // Nothing of it is known but that it is there.
        }

        var refused = new JsonObject
        {
            ["id"] = (given as JsonObject)?["id"]?.DeepClone(),
            ["custom_id"] = (given as JsonObject)?["custom_id"]?.DeepClone(),
            ["response"] = null,
            ["error"] = new JsonObject { ["code"] = failure.Row.Code, ["message"] = failure.Message },
        };
        return Encoding.UTF8.GetBytes(refused.ToJsonString());
    }

    private static void Begin(RequestContext context, DeploymentRuntime holder, HttpResponseMessage response, ref bool isBegun)
    {
        if (isBegun)
        {
            return;
        }

        isBegun = true;
        var answer = context.Http.Response;
        context.Status = answer.StatusCode = (int)response.StatusCode;
        answer.ContentType = UpstreamFault.MediaType(response.Content.Headers) is { Length: > 0 } type ? type : "application/octet-stream";
        answer.Headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
        answer.Headers[GatewayHeaders.Provider] = holder.Provider.Id;
        if (context.Guard is { } state)
        {
            GuardHeader.Write(answer, state);
        }
    }

    private static bool IsObject(in ReadOnlySequence<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 1024 });
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
