using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Fits how the model of windows and that of sentences are put together.</summary>
internal static class StackFit
{
    private const int Steps = 1_500;

    public static void To(IReadOnlyList<HeldOutScore> held, float[] values)
    {
        var sizes = Example.SizesOf(held.Select(static h => h.Example));
        var rows = held.Where(static h => h.Windows.Count > 0 && !InjectionFit.IsFramed(h.Example)).Select(h =>
        {
            var w = h.Windows.MaxBy(static w => w.Window + w.Best);
            return (X: new[] { 1, w.Window, MathF.Max(w.Best, WindowJudge.Floor), MathF.Max(w.Second, WindowJudge.Floor), MathF.Log2(1 + w.Sentences), w.Mean }, Y: h.Example.IsAttack ? 1f : 0f, Weight: Math.Min(1f, 250f / sizes[h.Example.Family]));
        }).ToArray();
        var theta = new double[] { 0, 0.5, 0.5, 0, 0, 0 };
        var total = rows.Sum(static r => r.Weight);
        var velocity = new double[6];
        for (var step = 0; step < Steps; step++)
        {
            var gradient = new double[6];
            foreach (var (x, y, weight) in rows)
            {
                var logit = 0.0;
                for (var i = 0; i < 6; i++)
                {
                    logit += theta[i] * x[i];
                }

                var error = ((1 / (1 + Math.Exp(-logit))) - y) * weight / total;
                for (var i = 0; i < 6; i++)
                {
                    gradient[i] += error * x[i];
                }
            }

            for (var i = 0; i < 6; i++)
            {
                velocity[i] = (0.9 * velocity[i]) - (0.05 * gradient[i]);
                theta[i] += velocity[i];
            }
        }

        for (var i = 0; i < 6; i++)
        {
            values[4 + i] = (float)theta[i];
        }
    }
}
