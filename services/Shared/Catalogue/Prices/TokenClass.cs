using System.Runtime.CompilerServices;
using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>The classes of tokens that a price tells apart.</summary>
internal enum TokenClass
{
    Input = 0,
    CacheRead = 1,
    CacheWrite = 2,
    CacheWriteHour = 3,
    AudioInput = 4,
    AudioCacheRead = 5,
    ImageInput = 6,
    ImageCacheRead = 7,
    Output = 8,
    Reasoning = 9,
    AudioOutput = 10,
    ImageOutput = 11,
}

/// <summary>A price for each class in nano-US-dollars per 1,000,000 tokens; below zero: none of its own.</summary>
[InlineArray(Count)]
internal struct ClassRates
{
    public const int Count = 12;
    public const int Inputs = 8;
    private long _first;

    public static ClassRates None
    {
        get
        {
            var rates = default(ClassRates);
            ((Span<long>)rates).Fill(-1);
            return rates;
        }
    }

    public readonly long Of(TokenClass kind) => this[(int)kind];

    public static ClassRates Of(PriceEntry price)
    {
        var rates = default(ClassRates);
        rates[0] = price.InputPerMillion;
        rates[1] = price.CacheReadPerMillion ?? -1;
        rates[2] = price.CacheWritePerMillion ?? -1;
        rates[3] = price.CacheWriteHourPerMillion ?? -1;
        rates[4] = price.AudioInputPerMillion ?? -1;
        rates[5] = price.AudioCacheReadPerMillion ?? -1;
        rates[6] = price.ImageInputPerMillion ?? -1;
        rates[7] = price.ImageCacheReadPerMillion ?? -1;
        rates[8] = price.OutputPerMillion;
        rates[9] = price.ReasoningPerMillion ?? -1;
        rates[10] = price.AudioOutputPerMillion ?? -1;
        rates[11] = price.ImageOutputPerMillion ?? -1;
        return rates;
    }

    public static ClassRates Of(PriceVariantEntry variant)
    {
        var rates = default(ClassRates);
        rates[0] = variant.InputPerMillion ?? -1;
        rates[1] = variant.CacheReadPerMillion ?? -1;
        rates[2] = variant.CacheWritePerMillion ?? -1;
        rates[3] = variant.CacheWriteHourPerMillion ?? -1;
        rates[4] = variant.AudioInputPerMillion ?? -1;
        rates[5] = variant.AudioCacheReadPerMillion ?? -1;
        rates[6] = variant.ImageInputPerMillion ?? -1;
        rates[7] = variant.ImageCacheReadPerMillion ?? -1;
        rates[8] = variant.OutputPerMillion ?? -1;
        rates[9] = variant.ReasoningPerMillion ?? -1;
        rates[10] = variant.AudioOutputPerMillion ?? -1;
        rates[11] = variant.ImageOutputPerMillion ?? -1;
        return rates;
    }

    /// <summary>Takes over what the other one names.</summary>
    public void Take(in ClassRates other)
    {
        for (var i = 0; i < Count; i++)
        {
            this[i] = other[i] >= 0 ? other[i] : this[i];
        }
    }

    /// <summary>Takes over what the other one names and is dearer.</summary>
    public void TakeDearer(in ClassRates other)
    {
        for (var i = 0; i < Count; i++)
        {
            this[i] = Math.Max(this[i], other[i]);
        }
    }

    /// <summary>Gives the classes without a price of their own that of the class they are billed as.</summary>
    public void Complete()
    {
        Fill(TokenClass.CacheRead, TokenClass.Input);
        Fill(TokenClass.CacheWrite, TokenClass.Input);
        Fill(TokenClass.CacheWriteHour, TokenClass.CacheWrite);
        Fill(TokenClass.AudioInput, TokenClass.Input);
        Fill(TokenClass.AudioCacheRead, TokenClass.CacheRead);
        Fill(TokenClass.ImageInput, TokenClass.Input);
        Fill(TokenClass.ImageCacheRead, TokenClass.CacheRead);
        Fill(TokenClass.Reasoning, TokenClass.Output);
        Fill(TokenClass.AudioOutput, TokenClass.Output);
        Fill(TokenClass.ImageOutput, TokenClass.Output);
    }

    private void Fill(TokenClass kind, TokenClass from)
    {
        if (this[(int)kind] < 0)
        {
            this[(int)kind] = this[(int)from];
        }
    }
}
