namespace Gateway.LlmSimulator.Serving;

/// <summary>An answer that HTTP allows.</summary>
internal sealed class KestrelWire(HttpContext context) : IWire
{
    public async ValueTask<bool> StartAsync(AnswerHead head)
    {
        context.Response.StatusCode = head.Status;
        foreach (var (name, value) in head.Headers)
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentLength = head.ContentLength;
        await context.Response.StartAsync().ConfigureAwait(false);
        return !(await context.Response.BodyWriter.FlushAsync().ConfigureAwait(false)).IsCompleted;
    }

    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            // With inline socket scheduling a flush that meets the client's FIN need not complete of itself; the token ends it.
            return !(await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false)).IsCompleted;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask EndAsync() => await context.Response.CompleteAsync().ConfigureAwait(false);

    public ValueTask BreakAsync(bool reset)
    {
        context.Abort();
        return default;
    }
}
