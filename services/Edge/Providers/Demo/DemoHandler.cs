using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>
/// The local demo provider: answers OpenAI-dialect requests inside this process, so that a gateway without any account can be tried.
/// It stands where the network of a real provider would, and everything before and after it is the same.
/// </summary>
/// <param name="time">Clock of the answers and of the pace of streams.</param>
/// <param name="pace">Delay before each word of a stream; null for 15 ms.</param>
internal sealed class DemoHandler(TimeProvider time, TimeSpan? pace = null) : HttpMessageHandler
{
    private const int MostBytes = 64 * 1024 * 1024;
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = 256 };
    private readonly TimeSpan _pace = pace ?? TimeSpan.FromMilliseconds(15);
    private long _answers;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.RequestUri?.AbsolutePath ?? "";
        var operation = path.EndsWith("/chat/completions", StringComparison.Ordinal) ? DemoOperation.Chat
            : path.EndsWith("/completions", StringComparison.Ordinal) ? DemoOperation.Completion
            : path.EndsWith("/embeddings", StringComparison.Ordinal) ? DemoOperation.Embedding
            : DemoOperation.None;
        if (operation == DemoOperation.None)
        {
            return Fail(request, HttpStatusCode.NotFound, new DemoFault("The demo model answers /chat/completions, /completions and /embeddings.", null, "unknown_url"));
        }

        if (request.Method != HttpMethod.Post)
        {
            return Fail(request, HttpStatusCode.MethodNotAllowed, new DemoFault("Use POST.", null, "method_not_allowed"));
        }

        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (body.Length > MostBytes)
        {
            return Fail(request, HttpStatusCode.RequestEntityTooLarge, new DemoFault("The body is larger than 64 MiB.", null, "request_too_large"));
        }

        try
        {
            using var document = JsonDocument.Parse(body, JsonOptions);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Answer(request, operation, document.RootElement)
                : Fail(request, HttpStatusCode.BadRequest, new DemoFault("The body must be a JSON object.", null, "invalid_json"));
        }
        catch (DemoFaultException e)
        {
            return Fail(request, HttpStatusCode.BadRequest, e.Fault);
        }
        catch (JsonException)
        {
            return Fail(request, HttpStatusCode.BadRequest, new DemoFault("The body is not valid JSON.", null, "invalid_json"));
        }
        catch (InvalidOperationException)
        {
            // JsonElement throws it for texts that are no Unicode: broken UTF-8, or half of a surrogate pair.
            return Fail(request, HttpStatusCode.BadRequest, new DemoFault("The body holds text that is not valid Unicode.", null, "invalid_json"));
        }
    }

    private HttpResponseMessage Answer(HttpRequestMessage request, DemoOperation operation, JsonElement body)
    {
        if (operation == DemoOperation.Embedding)
        {
            return Json(request, HttpStatusCode.OK, DemoEmbeddings.Answer(body));
        }

        var answer = operation == DemoOperation.Chat ? DemoChat.Answer(body) : DemoCompletions.Answer(body);
        var created = time.GetUtcNow().ToUnixTimeSeconds();
        var prefix = operation == DemoOperation.Chat ? "chatcmpl" : "cmpl";
        var writer = new DemoAnswerWriter(operation, $"{prefix}-demo-{created}-{Interlocked.Increment(ref _answers)}", created);
        if (!DemoJson.Flag(body, "stream"))
        {
            return Json(request, HttpStatusCode.OK, writer.Whole(answer));
        }

        var options = DemoJson.Object(body, "stream_options");
        var frames = writer.Stream(answer, options is { } o && DemoJson.Flag(o, "include_usage"));
        var content = new StreamContent(new PacedStream(frames, _pace, time));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content };
    }

    private static HttpResponseMessage Fail(HttpRequestMessage request, HttpStatusCode status, DemoFault fault) => Json(request, status, DemoAnswerWriter.Error(fault));

    private static HttpResponseMessage Json(HttpRequestMessage request, HttpStatusCode status, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpResponseMessage(status) { RequestMessage = request, Content = content };
    }
}

/// <summary>What was asked for.</summary>
internal enum DemoOperation
{
    /// <summary>Something the demo does not have.</summary>
    None,

    /// <summary>Chat completion.</summary>
    Chat,

    /// <summary>Text completion.</summary>
    Completion,

    /// <summary>Embeddings.</summary>
    Embedding,
}
