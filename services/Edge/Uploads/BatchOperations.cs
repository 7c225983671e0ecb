using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary><c>/v1/batches</c>.</summary>
internal sealed class BatchOperations(
    EnvelopeStep envelope, AdmitStep admit, SettleStep settle, Ownership ownership, ProviderCalls calls, ObjectAnswers answers, ObjectLists lists, BatchCharges charges, BatchSettlement settlement)
{
    private const int PageSize = 100;
    private const int MaxMetadata = 15;
    private const int MaxMetadataLength = 512;

    // Some servers read JSON from every POST.
    private static readonly ReadOnlyMemory<byte> _nothing = "{}"u8.ToArray();

    private static readonly JsonSerializerOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ValueTask<Failure?> AllAsync(RequestContext context, string id) =>
        HttpMethods.IsPost(context.Http.Request.Method) ? CreateAsync(context) : ListAsync(context);

    public ValueTask<Failure?> OneAsync(RequestContext context, string id) => AskAsync(context, id, "", HttpMethod.Get);

    public ValueTask<Failure?> CancelAsync(RequestContext context, string id) => AskAsync(context, id, "/cancel", HttpMethod.Post);

    private async ValueTask<Failure?> AskAsync(RequestContext context, string id, string action, HttpMethod method)
    {
        if (await admit.RunUnpaidAsync(context).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        if (answers.Find(context, id, FileSpecs.BatchPrefix, out var holder, out var raw) is { } missing)
        {
            return missing;
        }

        var reply = await calls.SendAsync(context, holder!, UpstreamOperation.Batches, FileOperations.Suffix(raw) + action, method, method == HttpMethod.Post ? _nothing : default(ReadOnlyMemory<byte>?)).ConfigureAwait(false);
        return reply.IsGood ? await AnswerAsync(context, holder!, reply.Json!).ConfigureAwait(false) : await answers.RefuseAsync(context, reply).ConfigureAwait(false);
    }

    private async ValueTask<Failure?> AnswerAsync(RequestContext context, DeploymentRuntime holder, JsonObject batch)
    {
        var (_, failure) = await ToCallerAsync(context, holder, batch).ConfigureAwait(false);
        if (failure is null)
        {
            await answers.WriteAsync(context, batch).ConfigureAwait(false);
        }

        return failure;
    }

    private async ValueTask<Failure?> ListAsync(RequestContext context)
    {
        if (await admit.RunUnpaidAsync(context).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        return await lists.ListAsync(context, UpstreamOperation.Batches, FileSpecs.BatchPrefix, PageSize, (holder, batch) => ToCallerAsync(context, holder, batch)).ConfigureAwait(false);
    }

    /// <summary>Makes a provider's description of a batch the caller's. The ids of results are given only once the batch is settled.</summary>
    private async ValueTask<(bool IsOwn, Failure? Failure)> ToCallerAsync(RequestContext context, DeploymentRuntime holder, JsonObject batch)
    {
        var metadata = batch["metadata"] as JsonObject;
        var isOwn = Ownership.TryReadEntry(ownership.Tag(context.Key!), metadata is null ? null : ObjectAnswers.Text(metadata, Ownership.MetadataKey), out var owner);
        if (isOwn && await settlement.RunAsync(context, holder, batch, owner).ConfigureAwait(false) is { } unsettled)
        {
            return (true, unsettled);
        }

        if (!isOwn)
        {
            // An answer that does not say whose it is shows no results: nobody could be billed for them.
            return (false, batch["output_file_id"] is null ? null : new Failure(GatewayError.UpstreamInvalid, Step.Call, "The provider's answer does not carry the batch's metadata, so that nobody can be billed for its results."));
        }

        metadata!.Remove(Ownership.MetadataKey);
        if (metadata.Count == 0)
        {
            batch["metadata"] = null;
        }

        if (batch.ContainsKey("model"))
        {
            batch["model"] = owner.Model;
        }

        answers.Wrap(context, holder, batch, "id", FileSpecs.BatchPrefix);
        foreach (var member in (string[])["input_file_id", "output_file_id", "error_file_id"])
        {
            answers.Wrap(context, holder, batch, member, FileSpecs.FilePrefix);
        }

        return (true, null);
    }

    private async ValueTask<Failure?> CreateAsync(RequestContext context)
    {
        if ((await envelope.RunAsync(context).ConfigureAwait(false) ?? AuthorizeStep.CheckMetadata(context) ?? await admit.RunUnpaidAsync(context).ConfigureAwait(false)) is { } refused)
        {
            return refused;
        }

        if (ReadRequest(context, out var request) is { } wrong)
        {
            return wrong;
        }

        var id = ObjectAnswers.Text(request, "input_file_id") ?? "";
        if (answers.Find(context, id, FileSpecs.FilePrefix, out var holder, out var raw) is { } missing)
        {
            return missing with { Param = "input_file_id" };
        }

        // Only what was checked line by line on its way up may be worked off.
        var file = await calls.SendAsync(context, holder!, UpstreamOperation.Files, FileOperations.Suffix(raw), HttpMethod.Get).ConfigureAwait(false);
        if (!file.IsGood)
        {
            return await answers.RefuseAsync(context, file).ConfigureAwait(false);
        }

        if (!ownership.TryRead(ownership.Tag(context.Key!), ObjectAnswers.Text(file.Json!, "filename") ?? "", out _, out var marked) || marked is not { } input
            || ObjectAnswers.Text(file.Json!, "purpose") != FileSpecs.BatchPurpose)
        {
            return new Failure(GatewayError.ValueInvalid, Step.Authorize, "The input of a batch must be a file that was uploaded here with the purpose 'batch'.") { Param = "input_file_id" };
        }

        if (context.Model.FindRoute(input.Model) is not { } route || !context.Key!.MayUse(input.Model, route))
        {
            return new Failure(GatewayError.ModelForbidden, Step.Authorize, $"This API key may not use the model '{input.Model}', which the file is for.") { Param = "input_file_id" };
        }

        context.ModelName = input.Model;
        var (hold, refusal) = await charges.HoldAsync(context, holder!, input).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        request["input_file_id"] = raw;
        var metadata = request["metadata"] as JsonObject ?? [];
        request["metadata"] = metadata;
        var entry = ownership.Entry(context.Key!, hold, input.Model);
        if (entry.Length > MaxMetadataLength)
        {
            return new Failure(GatewayError.RequestUnsupported, Step.Admit, "Too many budgets stand over this API key for a batch: they do not fit into its metadata, by which it is billed.");
        }

        metadata[Ownership.MetadataKey] = entry;
        BatchCharges.Charge(context, holder!, input.Model, hold);
        var reply = await calls.SendAsync(context, holder!, UpstreamOperation.Batches, "", HttpMethod.Post, JsonSerializer.SerializeToUtf8Bytes(request, _relaxed)).ConfigureAwait(false);
        if (!reply.IsGood)
        {
            if (reply.Failure is null)
            {
                // The provider says that there is no batch. Without an answer there may be one, which gives back what was charged when it has ended.
                context.Side = null;
            }

            return await answers.RefuseAsync(context, reply).ConfigureAwait(false);
        }

        // What is held becomes charged before the batch could give it back.
        (context.Outcome, context.Status) = (RequestOutcome.Completed, StatusCodes.Status200OK);
        settle.Run(context);
        return await AnswerAsync(context, holder!, reply.Json!).ConfigureAwait(false);
    }

    private static Failure? ReadRequest(RequestContext context, out JsonObject request)
    {
        request = [];
        try
        {
            request = (JsonObject)JsonNode.Parse(context.Body.Span, null, new JsonDocumentOptions { MaxDepth = context.Settings.MaxJsonDepth, AllowDuplicateProperties = false })!;
        }
        catch (JsonException e)
        {
            return new Failure(GatewayError.BodyMalformed, Step.Envelope, $"The body is not valid JSON: {e.Message}");
        }

        if (FileSpecs.LineShape(ObjectAnswers.Text(request, "endpoint")) is null)
        {
            return new Failure(GatewayError.ValueInvalid, Step.Envelope, "'endpoint' must be one of /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/responses.") { Param = "endpoint" };
        }

        return request["metadata"] switch
        {
            null => null,
            JsonObject { Count: <= MaxMetadata } metadata when !metadata.ContainsKey(Ownership.MetadataKey) => null,
            _ => new Failure(GatewayError.ValueInvalid, Step.Envelope, $"'metadata' must be an object of at most {MaxMetadata} entries, none of which is '{Ownership.MetadataKey}'.") { Param = "metadata" },
        };
    }
}
