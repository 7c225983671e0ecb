using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.StoredObjects;

namespace Gateway.Edge.Uploads;

/// <summary>Answers about stored objects.</summary>
internal sealed class ObjectAnswers(SettleStep settle, ObjectIds ids)
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object that a caller's id stands for, and who holds it; anything that is not the caller's is not there.</summary>
    public Failure? Find(RequestContext context, string id, string prefix, out Runtime.DeploymentRuntime? holder, out string rawId)
    {
        var known = ids.TryUnwrap(id, prefix, ObjectIds.Tenant(context.Key!), out var reference);
        holder = known ? Holders.Find(context, reference) : null;
        rawId = known ? reference.RawId : "";
        return holder is null ? Missing(id, prefix) : null;
    }

    public static Failure Missing(string id, string prefix) => new(
        GatewayError.NotFound,
        Step.Authorize,
        $"There is no {(prefix == FileSpecs.FilePrefix ? "file" : "batch")} '{(id.Length > 200 ? id[..200] : id)}' here. Ids are those that this gateway gave to a key of the same team.") { Param = "id" };

    /// <summary>A member that is a provider's id becomes one of the caller's.</summary>
    public void Wrap(RequestContext context, Runtime.DeploymentRuntime holder, JsonObject json, string member, string prefix)
    {
        if (Text(json, member) is { } raw)
        {
            var reference = new ObjectRef(Holders.Id(holder), raw);
            json[member] = ObjectIds.Fits(reference) ? ids.Wrap(prefix, reference, ObjectIds.Tenant(context.Key!)) : null;
        }
    }

    public static string? Text(JsonObject json, string member) =>
        json[member] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>Answers with JSON.</summary>
    public async ValueTask WriteAsync(RequestContext context, JsonObject json)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, _options))
        {
            json.WriteTo(writer);
        }

        context.Outcome = RequestOutcome.Completed;
        await WriteAsync(context, StatusCodes.Status200OK, "application/json", buffer.WrittenMemory).ConfigureAwait(false);
    }

    /// <summary>Passes on why a provider did not do it.</summary>
    public async ValueTask<Failure?> RefuseAsync(RequestContext context, ProviderReply reply)
    {
        if (reply.Failure is { } failure)
        {
            return failure;
        }

        context.Outcome = RequestOutcome.UpstreamError;
        context.Http.Response.Headers[GatewayHeaders.Fault] = ErrorResponse.Name(reply.Status is 400 or 404 or 409 or 413 or 415 or 422 ? Fault.Client : Fault.Upstream);
        await WriteAsync(context, reply.Status, reply.ErrorType.Length > 0 ? reply.ErrorType : "application/json", reply.Error).ConfigureAwait(false);
        return null;
    }

    private async ValueTask WriteAsync(RequestContext context, int status, string type, ReadOnlyMemory<byte> body)
    {
        context.Status = status;
        settle.Run(context);
        var response = context.Http.Response;
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = body.Length;
        response.Headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
        if (context.Deployment is { } holder)
        {
            response.Headers[GatewayHeaders.Provider] = holder.Provider.Id;
        }

        await response.Body.WriteAsync(body, context.Http.RequestAborted).ConfigureAwait(false);
    }
}
