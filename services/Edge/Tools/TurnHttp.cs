using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Edge.Tools;

/// <summary>
/// The request and the answer of one turn, as the pipeline sees them: the caller's own request with a longer conversation. What the pipeline answers is read from here instead of being sent, as it comes and with
/// back-pressure.
/// </summary>
internal sealed class TurnHttp : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
{
    private const int MostBuffered = 256 * 1024;

    private static readonly HashSet<string> _own = new(StringComparer.OrdinalIgnoreCase)
    {
        GatewayHeaders.McpTools, GatewayHeaders.Agent, "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Expect", "Upgrade",
    };

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: MostBuffered, resumeWriterThreshold: MostBuffered / 2, useSynchronizationContext: false));
    private readonly TurnResponse _response = new();
    private readonly TurnWriter _writer;
    private Stream? _stream;

    private TurnHttp() => _writer = new TurnWriter(_pipe.Writer, _response);

    /// <summary>What the pipeline runs on.</summary>
    public HttpContext Context { get; private set; } = null!;

    /// <summary>What it answers.</summary>
    public PipeReader Reader => _pipe.Reader;

    /// <summary>True when the answer broke off and its connection would have been.</summary>
    public bool IsAborted { get; private set; }

    public Stream Stream => _stream ??= _writer.AsStream(leaveOpen: true);

    public PipeWriter Writer => _writer;

    public CancellationToken RequestAborted { get; set; }

    /// <summary>Makes the request of a turn.</summary>
    /// <param name="caller">The caller's request.</param>
    /// <param name="body">What is asked in this turn.</param>
    /// <param name="turn">Its number, from 1.</param>
    public static TurnHttp Begin(RequestContext caller, ReadOnlyMemory<byte> body, int turn)
    {
        var turnHttp = new TurnHttp { RequestAborted = caller.Http.RequestAborted };
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Body = new MemoryStream(body.ToArray(), writable: false) });
        features.Set<IHttpResponseFeature>(turnHttp._response);
        features.Set<IHttpResponseBodyFeature>(turnHttp);
        features.Set<IHttpRequestLifetimeFeature>(turnHttp);
        features.Set(caller.Http.Features.Get<IHttpConnectionFeature>());
        var from = caller.Http.Request;
        var http = new DefaultHttpContext(features)
        {
            RequestServices = caller.Http.RequestServices,
            TraceIdentifier = string.Create(CultureInfo.InvariantCulture, $"{caller.Http.TraceIdentifier}-{turn}"),
        };
        http.Request.Method = from.Method;
        http.Request.Scheme = from.Scheme;
        http.Request.Host = from.Host;
        http.Request.Path = from.Path;
        http.Request.QueryString = caller.WantsJsonArray ? AsEvents(from.Query) : from.QueryString;
        foreach (var (name, value) in from.Headers)
        {
            if (!_own.Contains(name))
            {
                http.Request.Headers[name] = value;
            }
        }

        http.Request.ContentType = AnswerForm.Json;
        http.Request.ContentLength = body.Length;
        turnHttp.Context = http;
        return turnHttp;
    }

    /// <summary>Tells that the pipeline has ended, so that nothing more comes.</summary>
    public ValueTask EndAsync() => _pipe.Writer.CompleteAsync();

    /// <summary>Waits until the answer has begun, or ended without a byte: then its status and headers are there.</summary>
    public async ValueTask StartAsync()
    {
        var read = await Reader.ReadAsync(RequestAborted).ConfigureAwait(false);
        Reader.AdvanceTo(read.Buffer.Start);
        await _response.FireAsync().ConfigureAwait(false);
    }

    /// <summary>Reads the answer to its end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAllAsync()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var read = await Reader.ReadAsync(RequestAborted).ConfigureAwait(false);
            foreach (var piece in read.Buffer)
            {
                output.Write(piece.Span);
            }

            Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return output.WrittenMemory;
            }
        }
    }

    public void Abort() => IsAborted = true;

    void IHttpResponseBodyFeature.DisableBuffering()
    {
    }

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IHttpResponseBodyFeature.CompleteAsync() => Task.CompletedTask;

    /// <summary>The address with which a Gemini caller gets events instead of a list.</summary>
    private static QueryString AsEvents(IQueryCollection query)
    {
        var builder = new QueryBuilder();
        foreach (var (name, values) in query)
        {
            if (!string.Equals(name, "alt", StringComparison.OrdinalIgnoreCase))
            {
                builder.Add(name, values.Select(static v => v ?? ""));
            }
        }

        builder.Add("alt", "sse");
        return builder.ToQueryString();
    }

    private sealed class TurnResponse : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
        private bool _hasStarted;

        public override bool HasStarted => _hasStarted;

        public void Begin() => _hasStarted = true;

        public override void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

        public async ValueTask FireAsync()
        {
            while (_starting.TryPop(out var next))
            {
                await next.Callback(next.State).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Notes that the answer has begun when its first bytes are sent.</summary>
    private sealed class TurnWriter(PipeWriter inner, TurnResponse response) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            response.Begin();
            return inner.FlushAsync(cancellationToken);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
    }
}
