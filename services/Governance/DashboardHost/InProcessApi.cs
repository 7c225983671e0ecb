using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Governance.DashboardHost;

/// <summary>
/// Runs operations of the admin API for pages of the dashboard: through the very pipeline of the service, from the permission table to the audit log, without a socket.
/// Who asks is whoever the page's session belongs to; nothing that comes over the wire can name him.
/// </summary>
internal sealed class InProcessApi(IServiceScopeFactory scopes, IHttpContextAccessor accessor) : IAdminApi
{
    private const int MostBytes = 32 * 1024 * 1024;
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 128 };

    // Who called and where from: the audit log tells it of what pages do as of every other call.
    private static readonly string[] Kept = ["X-Forwarded-For", "x-request-id", "User-Agent", "traceparent"];

    private RequestDelegate? _pipeline;

    /// <summary>Keeps what follows in the pipeline as what calls go through. The first middleware.</summary>
    public RequestDelegate Take(RequestDelegate next) => _pipeline = next;

    public Task<ApiAnswer> SendAsync(HttpContext page, HttpMethod method, string path, JsonNode? body, IReadOnlyDictionary<string, string>? headers)
        => SendAsync(page, Features(page, method, path, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json", headers));

    public Task<ApiAnswer> SendFileAsync(HttpContext page, string path, byte[] file, string contentType) => SendAsync(page, Features(page, HttpMethod.Post, path, file, contentType, null));

    private Task<ApiAnswer> SendAsync(HttpContext page, FeatureCollection features)
    {
        var actor = page.Features.Get<PageActor>()?.Actor ?? throw new InvalidOperationException("Nobody is logged in on this page.");
        var activity = Activity.Current;

        // Not in the page's execution context: the current request is kept there, and the services of the API ask for it.
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => RunAsync(features, actor, activity), page.RequestAborted);
        }
    }

    private async Task<ApiAnswer> RunAsync(FeatureCollection features, Actor actor, Activity? activity)
    {
        Activity.Current = activity;
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            using var answer = new BoundedStream(MostBytes);
            var bodyFeature = new StreamResponseBodyFeature(answer);
            features.Set<IHttpResponseBodyFeature>(bodyFeature);
            var context = new DefaultHttpContext(features) { RequestServices = scope.ServiceProvider };
            CurrentActor.Set(context, actor);
            accessor.HttpContext = context;
            await _pipeline!(context).ConfigureAwait(false);
            await bodyFeature.CompleteAsync().ConfigureAwait(false);
            return Read(context, answer);
        }
    }

    private static FeatureCollection Features(HttpContext page, HttpMethod method, string path, byte[]? body, string contentType, IReadOnlyDictionary<string, string>? headers)
    {
        var cut = path.IndexOf('?', StringComparison.Ordinal);
        var request = new HttpRequestFeature
        {
            Method = method.Method,
            Scheme = page.Request.Scheme,
            Protocol = page.Request.Protocol,
            Path = AdminAccess.Prefix + Uri.UnescapeDataString((cut < 0 ? path : path[..cut]).Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase)),
            QueryString = cut < 0 ? "" : path[cut..],
        };
        request.Headers.Host = page.Request.Host.Value;
        foreach (var name in Kept)
        {
            if (page.Request.Headers.TryGetValue(name, out var value))
            {
                request.Headers[name] = value;
            }
        }

        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            request.Headers[name] = value;
        }

        if (body is not null)
        {
            request.Body = new MemoryStream(body);
            request.Headers.ContentType = contentType;
            request.Headers.ContentLength = body.Length;
        }

        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = page.RequestAborted });
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = page.Connection.RemoteIpAddress, LocalIpAddress = page.Connection.LocalIpAddress, ConnectionId = page.Connection.Id });
        features.Set<IHttpRequestIdentifierFeature>(new HttpRequestIdentifierFeature { TraceIdentifier = page.TraceIdentifier });
        return features;
    }

    private static ApiAnswer Read(HttpContext context, BoundedStream answer)
    {
        var status = context.Response.StatusCode;
        var tag = context.Response.Headers.ETag.ToString() is { Length: > 0 } given ? given : null;
        if (answer.IsCut)
        {
            return new ApiAnswer(502, J.Parse($$"""{"title":"The answer is too large for a page.","detail":"It has more than {{MostBytes.ToString(CultureInfo.InvariantCulture)}} bytes. Ask for less."}"""));
        }

        if (answer.Length == 0)
        {
            return new ApiAnswer(status, default) { ETag = tag };
        }

        if (context.Response.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true)
        {
            return new ApiAnswer(status, default) { ETag = tag, Text = Encoding.UTF8.GetString(answer.ToArray()) };
        }

        using var document = JsonDocument.Parse(answer.ToArray(), Lenient);
        return new ApiAnswer(status, new J(document.RootElement.Clone())) { ETag = tag };
    }

    /// <summary>Keeps so much and no more.</summary>
    private sealed class BoundedStream(int most) : MemoryStream
    {
        public bool IsCut { get; private set; }

        // All other ways to write end here.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > most)
            {
                IsCut = true;
                return;
            }

            base.Write(buffer, offset, count);
        }
    }
}

/// <summary>Whose session a page is looked at in.</summary>
internal sealed record PageActor(Actor Actor, string Cookie);
