using System.Globalization;

namespace Gateway.Dashboard.Charts;

/// <summary>One line or layer of a chart.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Values">A value for each point.</param>
public sealed record Series(string Name, IReadOnlyList<double> Values);

/// <summary>Numbers of charts: round ends of axes, and coordinates.</summary>
public static class Scale
{
    /// <summary>The axis is divided into this many equal steps.</summary>
    public const int Steps = 4;

    /// <summary>The least end of an axis from 0 on that holds a value and makes round steps.</summary>
    public static double Top(double most)
    {
        if (!(most > 0) || double.IsInfinity(most))
        {
            return 1;
        }

        var step = most / Steps;
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        var round = (step / power) switch { <= 1 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 };
        return round * power * Steps;
    }

    /// <summary>The same for whole numbers, whose steps are whole too.</summary>
    public static double WholeTop(double most) => most <= Steps ? Steps : Top(most) is var top && top / Steps % 1 == 0 ? top : Math.Ceiling(most / Steps) * Steps;

    public static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A line through points; where a value is no number it is broken.</summary>
    public static string Line(IReadOnlyList<double> values, double top, double width, double height, IReadOnlyList<double>? below = null)
    {
        var text = new System.Text.StringBuilder();
        var isDown = false;
        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i] + (below?[i] ?? 0);
            if (double.IsNaN(value))
            {
                isDown = false;
                continue;
            }

            text.Append(isDown ? 'L' : 'M').Append(Text(X(i, values.Count, width))).Append(' ').Append(Text(Y(value, top, height)));
            isDown = true;
        }

        return text.ToString();
    }

    /// <summary>Points of a line that stand by themselves, which as a line would be invisible.</summary>
    public static string Dots(IReadOnlyList<double> values, double top, double width, double height)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            if (!double.IsNaN(values[i]) && (i == 0 || double.IsNaN(values[i - 1])) && (i + 1 == values.Count || double.IsNaN(values[i + 1])))
            {
                text.Append('M').Append(Text(X(i, values.Count, width))).Append(' ').Append(Text(Y(values[i], top, height))).Append("h.01");
            }
        }

        return text.ToString();
    }

    /// <summary>The area between a line and the one below it.</summary>
    public static string Area(IReadOnlyList<double> values, double top, double width, double height, IReadOnlyList<double>? below = null)
    {
        if (values.Count == 0)
        {
            return "";
        }

        var back = Enumerable.Range(0, values.Count).Reverse().Select(i => $"L{Text(X(i, values.Count, width))} {Text(Y(below?[i] ?? 0, top, height))}");
        return Line(values, top, width, height, below) + string.Concat(back) + "Z";
    }

    private static double X(int i, int count, double width) => count == 1 ? width / 2 : width * i / (count - 1);

    private static double Y(double value, double top, double height) => height - (Math.Clamp(value / top, 0, 1) * height);
}
