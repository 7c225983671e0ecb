using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>What fitted models say of one window.</summary>
internal readonly record struct WindowLogits(float Window, float Frame, float Best, float Second, float Mean, int Sentences, bool IsLayer);

/// <summary>Fits the models of sentences, of windows and of frames to examples.</summary>
internal sealed class InjectionFit
{
    private const double WithoutWords = 0.15;
    private const float L1 = 0.01f;
    private const float L2 = 0.03f;
    private const float FrameL2 = 0.02f;
    private const float WordsLeftOut = 0.15f;
    private const float FrameWordsLeftOut = 0.4f;
    private const int EpochsOfRound = 5;
    private const int Rounds = 3;
    private const int Fits = 3;
    private const float FamilySize = 250;
    private const float LeastWeight = 0.01f;

    // Our own examples are many and alike; those of others are what attacks look like.
    private const float OwnAttacks = 0.7f;
    private const float OpenAttacks = 2.5f;
    private const float OwnFrames = 1;
    private const float OpenFrames = 8;
    private const float OwnHarmlessFrames = 0.4f;

    // What is planted is told by its sentence; the rest of its window is a harmless document.
    private const float PlantedWindows = 0.2f;

    private readonly Vocabulary _vocabulary;
    private readonly Logistic _sentences;
    private readonly Logistic _windows;
    private readonly Logistic _frames;

    private InjectionFit(Vocabulary vocabulary, int seed)
    {
        _vocabulary = vocabulary;
        _sentences = new Logistic(vocabulary.Count, L1, L2, WordsLeftOut, seed);
        _windows = new Logistic(vocabulary.Count, L1, L2, WordsLeftOut, seed + 1);
        _frames = new Logistic(vocabulary.Count, L1, FrameL2, FrameWordsLeftOut, seed + 2);
    }

    public static InjectionFit To(IReadOnlyList<ReadExample> examples)
    {
        var vocabulary = Vocabulary.Of(examples);
        var rows = examples.Select(e => e with { Windows = [.. e.Windows.Select(w => w with { Sentences = [.. w.Sentences.Select(vocabulary.Map)], Window = vocabulary.Map(w.Window) })] }).ToArray();
        var sizes = Example.SizesOf(rows.Select(static r => r.Example));
        var fit = One(vocabulary, rows, sizes, 0);
        for (var more = 1; more < Fits; more++)
        {
            var next = One(vocabulary, [.. rows], sizes, more);
            fit._sentences.Join(next._sentences);
            fit._windows.Join(next._windows);
            fit._frames.Join(next._frames);
        }

        fit.Each(static l => l.Settle());
        return fit;
    }

    public IReadOnlyList<WindowLogits> Score(ReadExample example) => [.. example.Windows.Select(w => Score(w))];

    // The order of the examples and the words that are left out are chance: the mean of several fits is of less of it, and no dearer.
    private static InjectionFit One(Vocabulary vocabulary, ReadExample[] rows, Dictionary<string, int> sizes, int number)
    {
        var fit = new InjectionFit(vocabulary, 100 * number);
        var random = new Random(7 + number);
        for (var round = 0; round < Rounds; round++)
        {
            for (var epoch = 0; epoch < EpochsOfRound; epoch++)
            {
                random.Shuffle(rows);
                foreach (var row in rows)
                {
                    fit.Learn(row, Weight(row.Example, sizes[row.Example.Family]), round, random);
                }

                if (round == Rounds - 1)
                {
                    fit.Each(static l => l.Keep());
                }
            }
        }

        return fit;
    }

    /// <summary>The weights that are not next to nothing.</summary>
    public (IReadOnlyList<FeatureWeights> Entries, float SentenceBias, float WindowBias, float FrameBias) Weights()
    {
        var entries = _vocabulary.All.Select(p => new FeatureWeights(p.Key, _sentences.Weight(p.Place), _windows.Weight(p.Place), _frames.Weight(p.Place))).Where(static e => e.Largest > LeastWeight).ToArray();
        return (entries, _sentences.Bias, _windows.Bias, _frames.Bias);
    }

    // What makes these attacks is what is asked within which frame: no sentence of them need be one.
    public static bool IsFramed(Example example) => example.Family is "jailbreakbench-artifacts" or "own jailbreak: frames";

    private static float Weight(Example example, int size) => example.IsAttack
        ? Math.Clamp(FamilySize / size, 0.5f, 3f) * (IsFramed(example) ? example.IsOwn ? OwnFrames : OpenFrames : example.IsOwn ? OwnAttacks : OpenAttacks)
        : Math.Clamp(FamilySize * 3 / size, 0.6f, 2f) * (example.Family == "own benign: frames" ? OwnHarmlessFrames : 1);

    private void Each(Action<Logistic> what)
    {
        what(_sentences);
        what(_windows);
        what(_frames);
    }

    private WindowLogits Score(ReadWindow window)
    {
        var (best, second, sum) = (WindowJudge.NoSentence, WindowJudge.NoSentence, 0f);
        foreach (var sentence in window.Sentences)
        {
            var logit = Math.Clamp(_sentences.Logit(_vocabulary.Map(sentence)), WindowJudge.NoSentence, -WindowJudge.NoSentence);
            sum += logit;
            (best, second) = logit > best ? (logit, best) : (best, Math.Max(second, logit));
        }

        var mapped = _vocabulary.Map(window.Window);
        return new WindowLogits(_windows.Logit(mapped), _frames.Logit(mapped), best, second, window.Sentences.Count == 0 ? 0 : sum / window.Sentences.Count, window.Sentences.Count, window.IsLayer);
    }

    // The sentences of an attack are not all attacks: those that look most like one are taken for it, and of planted orders the place is known.
    private void Learn(ReadExample row, float weight, int round, Random random)
    {
        var attack = row.Example.IsAttack;
        var plain = row.Windows.Count(static w => !w.IsLayer);
        foreach (var window in row.Windows)
        {
            if (window.IsLayer && attack && round > 0 && row.Example.Kind != ExampleKind.Indirect && window.Sentences.All(s => _sentences.Logit(s) < 0))
            {
                continue;
            }

            if (!(window.IsPlanted is { } known && !known.Contains(true)))
            {
                // A frame with a wish for harm in it says neither what to ignore nor what to reveal: it is learnt apart, against all that is harmless. With other jailbreaks it would learn their signs instead.
                var framed = IsFramed(row.Example);
                var shared = attack ? weight / MathF.Sqrt(Math.Max(1, plain)) : weight;
                var withWords = random.NextDouble() > WithoutWords;
                if (!framed)
                {
                    _windows.Learn(window.Window, attack ? 1 : 0, row.Example.Kind == ExampleKind.Indirect ? shared * PlantedWindows : shared, withWords);
                }

                if (!attack || framed)
                {
                    _frames.Learn(window.Window, attack ? 1 : 0, shared, withWords);
                }
            }

            if (!attack)
            {
                foreach (var sentence in window.Sentences)
                {
                    _sentences.Learn(sentence, 0, weight * 0.8f, random.NextDouble() > WithoutWords);
                }
            }
            else if (window.IsPlanted is { } planted)
            {
                for (var i = 0; i < planted.Length; i++)
                {
                    _sentences.Learn(window.Sentences[i], planted[i] ? 1 : 0, weight, random.NextDouble() > WithoutWords);
                }
            }
            else if (window.Sentences.Count > 0 && !IsFramed(row.Example))
            {
                var take = row.Example.Kind == ExampleKind.Jailbreak ? 1 : Math.Max(1, window.Sentences.Count / (round == 0 ? 1 : 3));
                foreach (var sentence in window.Sentences.OrderByDescending(v => _sentences.Logit(v)).Take(take))
                {
                    _sentences.Learn(sentence, 1, weight / take, random.NextDouble() > WithoutWords);
                }
            }
        }
    }
}
