using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Anthropic;

/// <summary>Temperature and top-p as a Claude model takes them; what it refuses is reported, except where it is the default anyway.</summary>
/// <param name="Temperature">The temperature to write, or null.</param>
/// <param name="TopP">The top-p to write, or null.</param>
internal readonly record struct ClaudeSampling(double? Temperature, double? TopP)
{
    private const double Default = 1;
    private const double LeastTopPWhileThinking = 0.95;

    /// <summary>Decides.</summary>
    /// <param name="request">What the caller wants; temperatures above 1 become 1.</param>
    /// <param name="model">What the model takes.</param>
    /// <param name="thinks">True when it will think.</param>
    /// <param name="drops">Receives what is left out.</param>
    public static ClaudeSampling Decide(ChatRequest request, ClaudeModel model, bool thinks, DropList drops)
    {
        var temperature = request.Temperature is { } asked ? Math.Clamp(asked, 0, 1) : (double?)null;
        var topP = request.TopP;
        if (temperature is not null && topP is not null && model.RefusesTemperatureWithTopP)
        {
            if (temperature == Default && topP != Default)
            {
                temperature = null;
            }
            else
            {
                drops.AddIf(topP != Default, CallerNames.Of(request.Origin, "top_p"));
                topP = null;
            }
        }

        if (thinks || model.RefusesSampling)
        {
            drops.AddIf(temperature is not (null or Default), CallerNames.Of(request.Origin, "temperature"));
            temperature = null;
            if (model.RefusesSampling || topP < LeastTopPWhileThinking)
            {
                drops.AddIf(topP is not (null or Default), CallerNames.Of(request.Origin, "top_p"));
                topP = null;
            }
        }

        return new ClaudeSampling(temperature, topP);
    }
}
