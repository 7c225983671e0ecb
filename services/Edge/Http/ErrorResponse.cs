using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Http;

/// <summary>Writes failures in the caller's error shape, extended by whose fault it is, the step, and the attempts made.</summary>
internal static class ErrorResponse
{
    private static readonly JsonWriterOptions _options = new() { SkipValidation = true };

    /// <summary>Answers with <paramref name="failure"/>; the response must not have started.</summary>
    public static async ValueTask WriteAsync(HttpContext http, Failure failure, AttemptLog? attempts, DialectId dialect = DialectId.OpenAIChat)
    {
        var row = failure.Row;
        var body = Build(failure, attempts, http.TraceIdentifier, dialect);
        var response = http.Response;
        response.Clear();
        response.StatusCode = row.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        response.Headers[GatewayHeaders.RequestId] = http.TraceIdentifier;
        response.Headers[GatewayHeaders.Fault] = Name(row.Fault);
        if (dialect == DialectId.BedrockConverse)
        {
            response.Headers[ProviderErrors.BedrockType] = BedrockConverseDialect.ErrorType(CallerErrors.Kind(row));
        }

        if (failure.Approval is { } approval)
        {
            response.Headers[GatewayHeaders.Approval] = approval;
        }

        if (failure.Guardrails is { Length: > 0 } guardrails)
        {
            response.Headers[GatewayHeaders.Guardrails] = guardrails;
        }

        if (failure.Allow is { } allow)
        {
            response.Headers.Allow = allow;
        }

        if (row.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (failure.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = HeaderText.Seconds(wait);
        }

        if (failure.Limit is { } limit)
        {
            LimitHeaders.Write(response, limit, dialect);
        }

        // A caller that sends too slowly would hold the connection. After a 413 the server reads on for a few seconds instead: a reset would
        // take the answer away from a caller in the middle of its body.
        if (row.Status == StatusCodes.Status408RequestTimeout)
        {
            response.Headers.Connection = "close";
        }

        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(body.WrittenMemory, http.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>The failure as a body in the caller's dialect.</summary>
    private static ArrayBufferWriter<byte> Build(Failure failure, AttemptLog? attempts, string requestId, DialectId dialect)
    {
        if (CallerErrors.IsOpenAI(dialect))
        {
            return Build(failure, attempts, requestId);
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        ChatDialects.Get(dialect).WriteError(CallerErrors.From(failure, attempts, requestId), buffer);
        return buffer;
    }

    /// <summary>The failure as a JSON object of OpenAI's form, also the payload of an error event on a stream.</summary>
    public static ArrayBufferWriter<byte> Build(Failure failure, AttemptLog? attempts, string requestId)
    {
        var row = failure.Row;
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, _options);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, failure.Message);
        writer.WriteString("type"u8, row.Type);
        writer.WriteString("param"u8, failure.Param);
        writer.WriteString("code"u8, row.Code);
        writer.WriteString("fault"u8, Name(row.Fault));
        writer.WriteString("step"u8, Name(failure.Step));
        writer.WriteString("request_id"u8, requestId);
        if (attempts is { Count: > 0 })
        {
            attempts.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer;
    }

    public static string Name(Fault fault) => fault switch
    {
        Fault.Client => "client",
        Fault.Upstream => "upstream",
        _ => "gateway",
    };

    public static string Name(Step step) => step switch
    {
        Step.Http => "http",
        Step.Identify => "identify",
        Step.Envelope => "envelope",
        Step.Authorize => "authorize",
        Step.Admit => "admit",
        Step.GuardInput => "guard_input",
        Step.Cache => "cache",
        Step.Route => "route",
        Step.Call => "call",
        Step.GuardOutput => "guard_output",
        _ => "settle",
    };
}
