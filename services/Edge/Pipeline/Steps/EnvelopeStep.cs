using System.Runtime.CompilerServices;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Microsoft.Net.Http.Headers;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>Step 2: what is asked. The body is read whole and scanned once; nothing of it is deserialised.</summary>
internal sealed class EnvelopeStep(TimeProvider time)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Failure?> RunAsync(RequestContext context)
    {
        if (CheckHeaders(context.Http.Request, context.Operation) is { } wrongHeader)
        {
            return wrongHeader;
        }

        var (body, failure) = await RequestBodyReader.ReadAsync(context.Http, context.Settings.MaxRequestBytes).ConfigureAwait(false);
        context.Body = body;
        context.Ended(Step.Http, time);
        return failure ?? Scan(context);
    }

    private static Failure? CheckHeaders(HttpRequest request, OperationSpec operation)
    {
        if (!Accepts(operation, request.ContentType))
        {
            var accepted = !operation.TakesForm ? "'application/json'" : operation.TakesJson ? "'multipart/form-data' or 'application/json'" : "'multipart/form-data'";
            return new Failure(GatewayError.ContentTypeUnsupported, Step.Envelope, $"The content type '{Shorten(request.ContentType ?? "")}' is not accepted; send {accepted}.");
        }

        return request.Headers.ContentEncoding.Count > 0 && !string.Equals(request.Headers.ContentEncoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase)
            ? new Failure(GatewayError.ContentEncodingUnsupported, Step.Envelope, "Compressed request bodies are not accepted; send the JSON as it is.")
            : null;
    }

    private static bool Accepts(OperationSpec operation, string? contentType) =>
        contentType is null ? operation.TakesJson
        : (operation.TakesJson && IsJson(contentType)) || (operation.TakesForm && IsForm(contentType));

    /// <summary>Reads the envelope of the body as it is now.</summary>
    public static Failure? Scan(RequestContext context)
    {
        var modelElsewhere = context.PathModel is not null || context.Operation.DefaultModel is not null;
        var error = context.Operation.TakesForm && context.Http.Request.ContentType is { } type && IsForm(type)
            ? ScanForm(context, type, modelElsewhere)
            : EnvelopeReader.Read(context.Body.Span, context.Operation.Shape, modelElsewhere, context.Settings.MaxJsonDepth, out context.Envelope);
        return error.Problem switch
        {
            EnvelopeProblem.None => null,
            EnvelopeProblem.TooDeep => Fail(GatewayError.BodyTooDeep, error),
            EnvelopeProblem.Malformed when context.Form is not null => Fail(GatewayError.ValueInvalid, error),
            EnvelopeProblem.Malformed or EnvelopeProblem.NotAnObject => Fail(GatewayError.BodyMalformed, error),
            EnvelopeProblem.Missing => Fail(GatewayError.ValueMissing, error),
            EnvelopeProblem.Duplicate => Fail(GatewayError.ValueDuplicate, error),
            _ => Fail(GatewayError.ValueInvalid, error),
        };
    }

    private static EnvelopeError ScanForm(RequestContext context, string contentType, bool modelElsewhere)
    {
        var boundary = MediaTypeHeaderValue.TryParse(contentType, out var type) ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        var error = FormEnvelope.Read(context.Body.Span, boundary, context.Operation.Shape, modelElsewhere, out context.Envelope, out var parts);
        context.Form = parts;
        return error;
    }

    private static bool IsForm(string contentType) => contentType.AsSpan().TrimStart().StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    private static Failure Fail(GatewayError kind, EnvelopeError error) => new(kind, Step.Envelope, error.Detail!) { Param = error.Member };

    private static bool IsJson(string contentType)
    {
        var type = contentType.AsSpan();
        var parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
