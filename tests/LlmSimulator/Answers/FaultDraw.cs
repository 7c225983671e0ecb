using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Answers;

/// <summary>Draws what goes wrong with an answer.</summary>
internal static class FaultDraw
{
    private const int BytesPerEvent = 300;

    /// <returns>The behaviour with one fault more, or null when the request draws none.</returns>
    public static SimulatorBehaviour? Of(SimulatorBehaviour behaviour, int tokens, long number)
    {
        if (behaviour.Faults == 0 || Dice.Below(100, behaviour.Seed, number * 3) >= behaviour.Faults)
        {
            return null;
        }

        var place = 1 + Dice.Below(Math.Max(1, tokens), behaviour.Seed, (number * 3) + 2);
        return Dice.Below(16, behaviour.Seed, (number * 3) + 1) switch
        {
            0 or 1 => behaviour with { Status = StatusCodes.Status500InternalServerError },
            2 => behaviour with { Status = StatusCodes.Status503ServiceUnavailable },
            3 => behaviour with { Status = StatusCodes.Status429TooManyRequests, RetryAfter = 0 },
            4 => behaviour with { Drop = true },
            5 => behaviour with { Drop = true, Reset = true },
            6 or 7 => behaviour with { Cut = place * BytesPerEvent },
            8 => behaviour with { Cut = place * 7, Reset = true },
            9 => behaviour with { Truncate = place * 13 },
            10 => behaviour with { EndAfter = place },
            11 => behaviour with { StreamError = place },
            12 => behaviour with { Malformed = place },
            13 => behaviour with { Stall = StallPhase.Headers },
            14 => behaviour with { Stall = StallPhase.Body },
            _ => behaviour with { Stall = StallPhase.End },
        };
    }
}
