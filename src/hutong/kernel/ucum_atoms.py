"""The unit atoms of UCUM that a city meets: each in terms of others, values as written in the specification
(2.2).

A row is `code value unit`. Left out are the clinical and historical customary units; an unknown atom is
refused by `units`, never guessed. UCUM counts in m, s, g, rad, K, C (coulomb) and cd; mol and % are plain
numbers there.
"""

BASES = ("m", "s", "g", "rad", "K", "C", "cd")

PREFIXES = {
    "Q": 30,
    "R": 27,
    "Y": 24,
    "Z": 21,
    "E": 18,
    "P": 15,
    "T": 12,
    "G": 9,
    "M": 6,
    "k": 3,
    "h": 2,
    "da": 1,
    "d": -1,
    "c": -2,
    "m": -3,
    "u": -6,
    "n": -9,
    "p": -12,
    "f": -15,
    "a": -18,
    "z": -21,
    "y": -24,
    "r": -27,
    "q": -30,
}
"""Powers of ten."""

BINARY_PREFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40}
"""Powers of two."""

METRIC = """
mol 6.02214076 10*23
sr 1 rad2
Hz 1 s-1
N 1 kg.m/s2
Pa 1 N/m2
J 1 N.m
W 1 J/s
A 1 C/s
V 1 J/C
F 1 C/V
Ohm 1 V/A
S 1 Ohm-1
mho 1 S
Wb 1 V.s
T 1 Wb/m2
H 1 Wb/A
lm 1 cd.sr
lx 1 lm/m2
Bq 1 s-1
Gy 1 J/kg
Sv 1 J/kg
l 1 dm3
L 1 l
ar 100 m2
t 1000 kg
bar 100000 Pa
u 1.66053906660e-24 g
eV 1 [e].V
pc 3.085678e16 m
[c] 299792458 m/s
[h] 6.62607015e-34 J.s
[k] 1.380649e-23 J/K
[eps_0] 8.854187817e-12 F/m
[e] 1.602176634e-19 C
[G] 6.67430e-11 m3.kg-1.s-2
[g] 9.80665 m/s2
gf 1 g.[g]
[ly] 1 [c].a_j
Ky 1 cm-1
Gal 1 cm/s2
dyn 1 g.cm/s2
erg 1 dyn.cm
P 1 dyn.s/cm2
Bi 10 A
St 1 cm2/s
Mx 1e-8 Wb
G 1e-4 T
Oe 250 /[pi].A/m
sb 1 cd/cm2
Lmb 1 cd/cm2/[pi]
ph 1e-4 lx
Ci 37e9 Bq
R 2.58e-4 C/kg
RAD 100 erg/g
REM 1 RAD
m[H2O] 9.80665 kPa
m[Hg] 133.3220 kPa
cal 1 cal_th
cal_th 4.184 J
cal_IT 4.1868 J
cal_m 4.19002 J
cal_[15] 4.18580 J
cal_[20] 4.18190 J
g% 1 g/dl
eq 1 mol
osm 1 mol
kat 1 mol/s
U 1 umol/min
tex 1 g/km
bit 1 1
By 8 bit
Bd 1 /s
"""

NON_METRIC = """
10* 10 1
10^ 10 1
[pi] 3.1415926535897932384626433832795028841971693993751058209749445923 1
% 1 10*-2
[ppth] 1 10*-3
[ppm] 1 10*-6
[ppb] 1 10*-9
[pptr] 1 10*-12
[NTU] 1 1
[FNU] 1 1
deg 2 [pi].rad/360
gon 0.9 deg
' 1 deg/60
'' 1 '/60
circ 2 [pi].rad
sph 4 [pi].sr
min 60 s
h 60 min
d 24 h
wk 7 d
a_t 365.24219 d
a_j 365.25 d
a_g 365.2425 d
a 1 a_j
mo_s 29.53059 d
mo_j 1 a_j/12
mo_g 1 a_g/12
mo 1 mo_j
AU 149597.870691 Mm
atm 101325 Pa
att 1 kgf/cm2
[degR] 5 K/9
[in_i] 2.54 cm
[ft_i] 12 [in_i]
[yd_i] 3 [ft_i]
[mi_i] 5280 [ft_i]
[fth_i] 6 [ft_i]
[nmi_i] 1852 m
[kn_i] 1 [nmi_i]/h
[sin_i] 1 [in_i]2
[sft_i] 1 [ft_i]2
[syd_i] 1 [yd_i]2
[cin_i] 1 [in_i]3
[cft_i] 1 [ft_i]3
[cyd_i] 1 [yd_i]3
[mil_i] 1e-3 [in_i]
[ft_us] 1200 m/3937
[rd_us] 16.5 [ft_us]
[acr_us] 160 [rd_us]2
[smi_us] 1 [mi_us]2
[mi_us] 8 [fur_us]
[fur_us] 40 [rd_us]
[gal_us] 231 [in_i]3
[qt_us] 1 [gal_us]/4
[pt_us] 1 [qt_us]/2
[gil_us] 1 [pt_us]/4
[foz_us] 1 [gil_us]/4
[bbl_us] 42 [gal_us]
[gal_br] 4.54609 l
[gr] 64.79891 mg
[lb_av] 7000 [gr]
[oz_av] 1 [lb_av]/16
[ston_av] 2000 [lb_av]
[lton_av] 2240 [lb_av]
[lbf_av] 1 [lb_av].[g]
[psi] 1 [lbf_av]/[in_i]2
[in_i'H2O] 1 m[H2O].[in_i]/m
[in_i'Hg] 1 m[Hg].[in_i]/m
[Btu] 1 [Btu_th]
[Btu_IT] 1.05505585262 kJ
[Btu_th] 1.054350 kJ
[Cal] 1 kcal_th
[HP] 550 [ft_i].[lbf_av]/s
[car_m] 0.2 g
"""

ARBITRARY_METRIC = ("[iU]", "[IU]")
ARBITRARY = ("[arb'U]", "[USP'U]", "[CFU]", "[PFU]", "[FFU]", "[TCID_50]")
"""Units of a procedure: commensurable with nothing but themselves."""

SPECIAL_METRIC = """
Cel celsius 1 K
B tenfold 1 1
Np natural 1 1
B[SPL] tenfold_amplitude 2e-5 Pa
B[V] tenfold_amplitude 1 V
B[mV] tenfold_amplitude 1 mV
B[uV] tenfold_amplitude 1 uV
B[10.nV] tenfold_amplitude 10 nV
B[W] tenfold 1 W
B[kW] tenfold 1 kW
"""
"""`code function value unit`: the function of `units`, and the quantity it is counted in or against."""

SPECIAL_NON_METRIC = """
[degF] fahrenheit 5 K/9
[degRe] reaumur 5 K/4
[pH] tenfold_inverse 1 mol/l
%[slope] slope 1 rad
"""

MISSPELT = """
°C Cel
℃ Cel
degC Cel
° deg
µg ug
μg ug
m³ m3
m² m2
pH [pH]
ppm [ppm]
ppb [ppb]
NTU [NTU]
ha har
sec s
hr h
kWh kW.h
Kg kg
KPa kPa
kpa kPa
hpa hPa
pa Pa
Mpa MPa
lux lx
Ω Ohm
mmHg mm[Hg]
"""
"""What people write, and the code they mean: a hint of the error only."""
