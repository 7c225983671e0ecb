using Microsoft.AspNetCore.Http.Features;

namespace Gateway.McpHub.Transport;

/// <summary>
/// The answer to a POST: one JSON message where nothing came before it, else a stream of events. Until the first event nothing is decided.
/// </summary>
internal sealed class ResponseStream(HttpContext context) : IDisposable
{
    private readonly SemaphoreSlim writing = new(1, 1);
    private bool isOver;

    /// <summary>Whether also a lone answer is an event, as clients with sessions are used to.</summary>
    public bool AlwaysEvents { get; init; }

    /// <summary>Whether events were begun.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Begins a stream of events.</summary>
    public static void Begin(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.Headers.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
    }

    /// <summary>Sends a message as an event.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message)
    {
        await writing.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            if (!isOver)
            {
                BeginOnce();
                await WriteAsync(context, message, context.RequestAborted).ConfigureAwait(false);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Shows that the connection lives: proxies and clients give up on silence.</summary>
    public async ValueTask KeepAliveAsync()
    {
        await writing.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            if (!isOver)
            {
                BeginOnce();
                await context.Response.Body.WriteAsync(":\n\n"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Sends the last message.</summary>
    public async ValueTask FinishAsync(int status, ReadOnlyMemory<byte> message)
    {
        await writing.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            isOver = true;
            if (HasBegun || AlwaysEvents)
            {
                BeginOnce();
                await WriteAsync(context, message, context.RequestAborted).ConfigureAwait(false);
                return;
            }

            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = message.Length;
            await context.Response.Body.WriteAsync(message, context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>One event.</summary>
    public static async ValueTask WriteAsync(HttpContext context, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var buffer = EventFrame.Of(message.Span);
        await context.Response.Body.WriteAsync(buffer, cancellation).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => writing.Dispose();

    private void BeginOnce()
    {
        if (!HasBegun)
        {
            HasBegun = true;
            Begin(context);
        }
    }
}
