using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using Gateway.Edge.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Benchmarks;

/// <summary>Chat requests as the server hands them over, each by another key.</summary>
internal sealed class Requests(Installation installation, int keys, int words, string more = "")
{
    private readonly byte[] _body = Encoding.UTF8.GetBytes(
        $$"""{"model":"route-00000","max_tokens":100,"temperature":0.7{{more}},"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("hello ", words))}}00000000"}]}""");

    public int Length => _body.Length;

    /// <summary>The next request.</summary>
    /// <param name="i">Its number, which says by whose key it is.</param>
    /// <param name="question">What its prompt ends with, so that no two need be alike.</param>
    /// <param name="spec">What is asked for; a chat by default.</param>
    public RequestContext Next(int i, int question = 0, OperationSpec? spec = null)
    {
        var body = _body;
        if (question != 0)
        {
            body = [.. _body];
            question.TryFormat(body.AsSpan(body.Length - 12, 8), out _, "00000000", System.Globalization.CultureInfo.InvariantCulture);
        }

        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Body(body));
        http.Request.Method = "POST";
        http.Request.ContentType = "application/json";
        http.Request.ContentLength = body.Length;
        http.Request.Headers.Authorization = "Bearer " + Installation.KeyValue((int)(i * 7_919L % keys));
        _ = http.Request.BodyReader;
        _ = http.RequestAborted;
        _ = http.Connection;
        return new RequestContext(
            http, spec ?? OperationSpec.Chat, installation.Model, Stopwatch.GetTimestamp(), (TimeProvider.System.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
    }

    private sealed class Body(byte[] bytes) : IRequestBodyPipeFeature
    {
        public PipeReader Reader { get; } = PipeReader.Create(new ReadOnlySequence<byte>(bytes));
    }
}
