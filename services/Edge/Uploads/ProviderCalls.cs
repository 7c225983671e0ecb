using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Uploads;

/// <summary>Asks the account that holds an object.</summary>
internal sealed class ProviderCalls(GuardedContents contents, SettleStep settle, RuntimeState state, IDrain drain, TimeProvider time)
{
    private const int BufferBytes = 64 * 1024;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = 128 };

    /// <summary>Asks for JSON.</summary>
    /// <param name="context">The request.</param>
    /// <param name="holder">The account.</param>
    /// <param name="operation">Files or batches.</param>
    /// <param name="suffix">What follows their path.</param>
    /// <param name="method">The method.</param>
    /// <param name="body">The body, or null for none.</param>
    /// <param name="contentType">Its type.</param>
    public ValueTask<ProviderReply> SendAsync(
        RequestContext context, DeploymentRuntime holder, UpstreamOperation operation, string suffix, HttpMethod method, ReadOnlyMemory<byte>? body = null, string contentType = "application/json")
    {
        var content = body is { } bytes ? new ReadOnlyMemoryContent(bytes) : null;
        if (content is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return CallAsync(context, holder, operation, suffix, method, content, body, ReadJsonAsync);
    }

    /// <summary>Passes what is in a file to the caller, as it comes and no faster than the caller takes it.</summary>
    public ValueTask<ProviderReply> PassAsync(RequestContext context, DeploymentRuntime holder, string suffix) =>
        CallAsync(context, holder, UpstreamOperation.Files, suffix, HttpMethod.Get, null, null, async (response, deadline) =>
        {
            if (PassedAnswers.AppliesTo(context))
            {
                return await contents.PassAsync(context, holder, response, deadline).ConfigureAwait(false) is { } failure ? failure : new ProviderReply((int)response.StatusCode);
            }

            await PassAsync(context, holder, response, deadline).ConfigureAwait(false);
            return new ProviderReply((int)response.StatusCode);
        });

    /// <summary>Reads what is in a file.</summary>
    public ValueTask<ProviderReply> ReadAsync(RequestContext context, DeploymentRuntime holder, string suffix, Func<Stream, CancellationToken, ValueTask> read) =>
        CallAsync(context, holder, UpstreamOperation.Files, suffix, HttpMethod.Get, null, null, async (response, deadline) =>
        {
            deadline.Arm(CallPhase.Body, holder.Provider.Timeouts.TotalMs);
            await read(await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false), deadline.Token).ConfigureAwait(false);
            return new ProviderReply((int)response.StatusCode);
        });

    private async ValueTask<ProviderReply> CallAsync(
        RequestContext context,
        DeploymentRuntime holder,
        UpstreamOperation operation,
        string suffix,
        HttpMethod method,
        HttpContent? content,
        ReadOnlyMemory<byte>? signed,
        Func<HttpResponseMessage, CallDeadline, ValueTask<ProviderReply>> read)
    {
        var provider = holder.Provider;
        var health = context.Settings.Health;
        var bulkhead = state.Routing.Bulkhead(provider.Id, health.ProviderConcurrency);
        if (bulkhead is not null && !await bulkhead.EnterAsync(health.ProviderWaitMs, context.Http.RequestAborted).ConfigureAwait(false))
        {
            context.Outcome = RequestOutcome.UpstreamUnavailable;
            return new Failure(GatewayError.UpstreamUnavailable, Step.Call, $"The provider '{provider.Id}' has all {bulkhead.Limit} calls under way.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        using var deadline = CallDeadline.Start(provider.Timeouts.TotalMs, time, context.Http.RequestAborted, context.Key!.Standing.Cut);
        deadline.EndWith(drain.Deadline);
        var started = time.GetTimestamp();
        context.Attempts.CountMade();
        context.Deployment = holder;
        try
        {
            var target = new UpstreamTarget(operation, DialectId.OpenAIChat, "", false) { Suffix = suffix };
            using var response = await UpstreamCall.SendAsync(context.Http, holder, target, content, signed ?? ReadOnlyMemory<byte>.Empty, deadline, method).ConfigureAwait(false);
            return (int)response.StatusCode switch
            {
                >= 200 and < 300 => await read(response, deadline).ConfigureAwait(false),
                401 => Fail(context, RequestOutcome.UpstreamError, GatewayError.UpstreamAuth, $"The provider '{provider.Id}' does not accept the gateway's credential."),
                >= 400 => await ReadErrorAsync(response, deadline, holder).ConfigureAwait(false),
                _ => Fail(context, RequestOutcome.UpstreamError, GatewayError.UpstreamInvalid, $"The provider '{provider.Id}' answered with status {(int)response.StatusCode}, which leads nowhere."),
            };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !context.Settled)
        {
            return End(context, holder, e, deadline, time.GetElapsedTime(started).TotalMilliseconds);
        }
        finally
        {
            bulkhead?.Exit();
        }

        async ValueTask<ProviderReply> ReadErrorAsync(HttpResponseMessage response, CallDeadline within, DeploymentRuntime asked)
        {
            var whole = await ResponseBodyReader.ReadAsync(response, within, asked.Provider.Timeouts.IdleMs).ConfigureAwait(false);
            var error = CredentialScrubber.Scrub(whole.Memory, asked.Secret).ToArray();
            whole.Return();
            return new ProviderReply((int)response.StatusCode) { Error = error, ErrorType = UpstreamFault.MediaType(response.Content.Headers) };
        }
    }

    private static async ValueTask<ProviderReply> ReadJsonAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        var whole = await ResponseBodyReader.ReadAsync(response, deadline, (int)TimeSpan.FromMinutes(1).TotalMilliseconds).ConfigureAwait(false);
        try
        {
            return JsonNode.Parse(whole.Span, null, _options) is JsonObject json
                ? new ProviderReply((int)response.StatusCode) { Json = json }
                : new Failure(GatewayError.UpstreamInvalid, Step.Call, "The provider's answer is no JSON object.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return new Failure(GatewayError.UpstreamInvalid, Step.Call, "The provider's answer is not valid JSON.");
        }
        finally
        {
            whole.Return();
        }
    }

    private async ValueTask PassAsync(RequestContext context, DeploymentRuntime holder, HttpResponseMessage response, CallDeadline deadline)
    {
        var answer = context.Http.Response;
        context.Status = answer.StatusCode = (int)response.StatusCode;
        answer.ContentType = UpstreamFault.MediaType(response.Content.Headers) is { Length: > 0 } type ? type : "application/octet-stream";
        answer.Headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
        answer.Headers[GatewayHeaders.Provider] = holder.Provider.Id;
        answer.ContentLength = response.Content.Headers.ContentLength;
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                deadline.Arm(CallPhase.Body, holder.Provider.Timeouts.IdleMs);
                var read = await stream.ReadAsync(buffer, deadline.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    context.Outcome = RequestOutcome.Completed;
                    settle.Run(context);
                    return;
                }

                await answer.Body.WriteAsync(buffer.AsMemory(0, read), context.Http.RequestAborted).ConfigureAwait(false);
                context.FirstByteTimestamp = context.FirstByteTimestamp == 0 ? time.GetTimestamp() : context.FirstByteTimestamp;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ProviderReply End(RequestContext context, DeploymentRuntime holder, Exception e, CallDeadline deadline, double milliseconds)
    {
        if (context.Http.RequestAborted.IsCancellationRequested)
        {
            return Fail(context, RequestOutcome.ClientCancelled, GatewayError.UpstreamCut, "The caller went away.");
        }

        if (Revocation.IsCut(context))
        {
            return Revocation.End(context);
        }

        if (deadline.GatewayStopped)
        {
            return Fail(context, RequestOutcome.GatewayStopped, GatewayError.Stopping, "The gateway is stopping and its time for running answers is over; send the request again.");
        }

        var fault = UpstreamFault.From(e, deadline);
        context.Attempts.Add(holder.Id, fault.Reason, 0, milliseconds);
        return Fail(context, RequestOutcome.UpstreamUnavailable, fault.Error, $"The provider '{holder.Provider.Id}' gave no whole answer: {fault.Reason}.");
    }

    private static ProviderReply Fail(RequestContext context, RequestOutcome outcome, GatewayError error, string message)
    {
        context.Outcome = outcome;
        return new Failure(error, Step.Call, message);
    }
}

/// <summary>What a provider answered.</summary>
/// <param name="Status">Its status; 0 when there is none.</param>
internal sealed record ProviderReply(int Status)
{
    public JsonObject? Json { get; init; }

    /// <summary>The body of an error, without credentials.</summary>
    public byte[]? Error { get; init; }

    public string ErrorType { get; init; } = "";

    /// <summary>Why there is no answer.</summary>
    public Failure? Failure { get; init; }

    public bool IsGood => Failure is null && Error is null;

    public static implicit operator ProviderReply(Failure failure) => FromFailure(failure);

    public static ProviderReply FromFailure(Failure failure) => new(0) { Failure = failure };
}
