using System.Collections.Concurrent;
using Gateway.Embeddings;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Guardrails.Deep;

/// <summary>
/// The second tier against prompt injection. The fast one judges every text; where it is unsure, a sentence encoder reads the sentence that looks worst with what is around it, on threads of its own. The model
/// is read at the first such text. Make one and share it.
/// </summary>
public sealed class DeepInjection : IDisposable
{
    /// <summary>Texts that wait at most; with more the tier fails, and the policy says what that means.</summary>
    public const int MostWaiting = 256;

    private readonly BlockingCollection<Work> _queue = new(MostWaiting);
    private readonly MiniLmEmbeddingGenerator _encoder;
    private readonly int _workers;
    private int _started;

    /// <summary>Prepares the tier; nothing is read and no thread started yet.</summary>
    /// <param name="workers">Threads that encode; 0: one for every two processors, at most four.</param>
    public DeepInjection(int workers = 0)
    {
        _encoder = new MiniLmEmbeddingGenerator();
        _workers = workers > 0 ? workers : Math.Clamp(Environment.ProcessorCount / 2, 1, 4);
    }

    /// <summary>Scores a text, 0.5 where the tuned threshold lies.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Who it comes from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DeepInjectionBusyException">Too many texts wait.</exception>
    public ValueTask<InjectionScore> ScoreAsync(string text, TextSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reading = InjectionProbe.Read(text, source);
        if (reading.Length == 0 || !DeepFeatures.IsUnsure(reading.Margin) || IsHidden(reading))
        {
            return ValueTask.FromResult(reading.Score);
        }

        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            Start();
        }

        var work = new Work(text, source, reading, cancellationToken);
        return _queue.TryAdd(work, 0, CancellationToken.None) ? new ValueTask<InjectionScore>(work.Done.Task.WaitAsync(cancellationToken)) : throw new DeepInjectionBusyException();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _queue.CompleteAdding();
        _encoder.Dispose();
        if (_started == 0)
        {
            _queue.Dispose();
        }
    }

    /// <summary>What the encoder makes of a text, on the calling thread.</summary>
    internal static InjectionScore Judge(MiniLmEmbeddingGenerator encoder, string text, TextSource source, in FastReading reading, DeepModel model, CancellationToken cancellationToken)
    {
        Span<float> features = stackalloc float[DeepFeatures.Count];
        DeepFeatures.WriteFigures(features, reading.Margin, reading.Window, reading.Frame, reading.Best, reading.Second, reading.Mean, reading.Sentences, source == TextSource.Data);
        DeepFeatures.WriteVector(encoder, text, reading, features, cancellationToken);
        var p = 1 / (1 + MathF.Exp((source == TextSource.Data ? model.DataThreshold : model.PersonThreshold) - model.Logit(features)));

        // The kind is the fast tier's; how sure it is is what both came to.
        var fast = reading.Score;
        var most = fast.Highest;
        float Scaled(float value) => most <= 0 ? p : value >= most ? p : Math.Min(p, p * value / most);
        return new InjectionScore(Scaled(fast.Direct), Scaled(fast.Indirect), Scaled(fast.Jailbreak), fast.Start, fast.Length);
    }

    private void Start()
    {
        for (var i = 0; i < _workers; i++)
        {
            new Thread(Run) { IsBackground = true, Name = "deep injection" }.Start();
        }
    }

    // Threads of its own: encoding takes tens of milliseconds, which threads that serve sockets have not.
    private void Run()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            Do(work);
        }
    }

    // What was decoded out of the text is worse than the text itself: the encoder would read the wrong one.
    private static bool IsHidden(in FastReading reading) => reading.Score.Highest > (1 / (1 + MathF.Exp(-reading.Margin))) + 0.01f;

    private void Do(Work work)
    {
        if (work.Cancellation.IsCancellationRequested)
        {
            work.Done.TrySetCanceled(work.Cancellation);
            return;
        }

        try
        {
            work.Done.TrySetResult(Judge(_encoder, work.Text, work.Source, work.Reading, DeepModel.Default, work.Cancellation));
        }
        catch (OperationCanceledException e)
        {
            work.Done.TrySetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            // Whatever is wrong with the model, its policy says what that means.
            work.Done.TrySetException(e);
        }
    }

    private sealed record Work(string Text, TextSource Source, FastReading Reading, CancellationToken Cancellation)
    {
        public TaskCompletionSource<InjectionScore> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>More texts wait for the encoder than are kept.</summary>
internal sealed class DeepInjectionBusyException : Exception
{
    /// <summary>The exception, with what it says.</summary>
    public DeepInjectionBusyException()
        : base("too many texts wait")
    {
    }
}
