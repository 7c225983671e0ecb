using System.Globalization;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Bridging;

/// <summary>
/// A client without sessions, while a request of it is under way. A server that asks something meanwhile is kept waiting: the client is answered that input is needed, and his next
/// request brings it.
/// </summary>
internal sealed class StatelessPeer(ReadOnlyMemory<byte> capabilities, string? logLevel) : IClientPeer
{
    private readonly Lock gate = new();
    // What is said before the client's stream is there, or between two of its requests.
    private const int MostKept = 100;
    private Task tail = Task.CompletedTask;
    private readonly Queue<byte[]> kept = new();
    private readonly Dictionary<string, Question> open = new(StringComparer.Ordinal);
    private TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<byte[], ValueTask>? send;
    private int last;

    /// <inheritdoc/>
    public string? Conversation => null;

    /// <inheritdoc/>
    public bool IsStateless => true;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Capabilities { get; } = capabilities;

    /// <inheritdoc/>
    public string? LogLevel { get; } = logLevel;

    /// <inheritdoc/>
    public IClientPeer? Standing => null;

    /// <summary>Completes as soon as something is asked.</summary>
    public Task Asked
    {
        get
        {
            lock (gate)
            {
                return asked.Task;
            }
        }
    }

    /// <summary>Where notifications go from now on; those of before go first, in their order.</summary>
    public Task AttachAsync(Func<byte[], ValueTask> to) => InTurnAsync(async () =>
    {
        send = to;
        while (kept.TryDequeue(out var message))
        {
            await TrySendAsync(to, message).ConfigureAwait(false);
        }
    });

    /// <summary>Keeps notifications from now on, until the client comes again.</summary>
    public void Detach() => send = null;

    /// <inheritdoc/>
    public async ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        var isWanted = method == Methods.Progress || (method == Methods.Message && LogLevel is { } level && LogLevels.Reaches(parameters.Span, level));
        if (!isWanted)
        {
            return;
        }

        var message = RpcWriter.Notification(method, parameters.Span);
        await InTurnAsync(async () =>
        {
            if (send is { } to)
            {
                await TrySendAsync(to, message).ConfigureAwait(false);
                return;
            }

            kept.Enqueue(message);
            _ = kept.Count > MostKept && kept.TryDequeue(out _);
        }).ConfigureAwait(false);
    }

    // One after the other, in the order in which they come.
    private Task InTurnAsync(Func<Task> work)
    {
        lock (gate)
        {
            return tail = AfterAsync(tail, work);
        }
    }

    private static async Task AfterAsync(Task before, Func<Task> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await work().ConfigureAwait(false);
    }

    private static async ValueTask TrySendAsync(Func<byte[], ValueTask> to, byte[] message)
    {
        try
        {
            await to(message).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Who went away hears nothing.
        }
    }

    /// <inheritdoc/>
    public async ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        var question = new Question(method, parameters);
        string key;
        lock (gate)
        {
            key = string.Create(CultureInfo.InvariantCulture, $"input-{++last}");
            open[key] = question;
            asked.TrySetResult();
        }

        try
        {
            return await question.Answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
            {
                open.Remove(key);
            }
        }
    }

    /// <summary>What is asked at present: the <c>inputRequests</c> object.</summary>
    public ReadOnlyMemory<byte> Questions()
    {
        lock (gate)
        {
            asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var all = JsonBytes.EmptyObject;
            foreach (var (key, question) in open)
            {
                var request = JsonBytes.With(JsonBytes.With("{}"u8, "method"u8, JsonBytes.Text(question.Method)), "params"u8, question.Parameters.Span);
                all = JsonBytes.With(all.Span, System.Text.Encoding.ASCII.GetBytes(key), request);
            }

            return all;
        }
    }

    /// <summary>Gives answers to what was asked; what is not answered is asked again.</summary>
    public void Take(ReadOnlyMemory<byte> responses)
    {
        lock (gate)
        {
            foreach (var (key, value) in JsonBytes.Members(responses))
            {
                if (JsonBytes.IsObject(value.Span) && open.Remove(key, out var question))
                {
                    question.Answer.TrySetResult(UpstreamReply.Result(value));
                }
            }

            if (open.Count > 0)
            {
                asked.TrySetResult();
            }
        }
    }

    private sealed record Question(string Method, ReadOnlyMemory<byte> Parameters)
    {
        public TaskCompletionSource<UpstreamReply> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
